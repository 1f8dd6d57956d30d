"""What people of Minghu City write about in English, and what the offices answer."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

from .matter import COMPLAINT, ENQUIRY, EXPLAINED, HELP, PARTLY, PLANNED, PRAISE, SOLVED, SUGGESTION, Matter

MATTERS = (
    Matter("电梯", "housing", HELP, ("Lift at {place} out of order for {n} days", "No working lift in our building at {place}"),
           "The only lift in block {n} of {place} has been out of order since last week. My neighbour uses a wheelchair and cannot leave"
           " the flat. The property company says it is waiting for a part. Could you please step in?",
           "Thank you for writing. Our inspector visited {place} the next morning. The worn drive pulley has been replaced, the lift passed"
           " its safety test and is running again. The property company arranged deliveries for residents meanwhile and has been told to"
           " keep this part in stock.", SOLVED),
    Matter("住房保障", "housing", ENQUIRY, ("How do I register a rental contract?", "Deposit not returned after moving out of {place}"),
           "I rent a flat at {place} and need a registered contract for my residence permit. My landlord says it is not possible for"
           " foreigners. Is that right, and what do I need to bring?",
           "Any tenant may register a contract, whatever their nationality. Please bring the signed contract, your passport and the"
           " landlord's property certificate, or apply online; the landlord confirms on the phone. It is free and takes two working days.",
           EXPLAINED),
    Matter("公交地铁", "transport", SUGGESTION, ("Please show bus stops in English too", "Night bus from {place} to the railway station"),
           "The new signs at {place} look great, but the stop names are in Chinese only and the app has no English timetable. Visitors"
           " and new residents get lost. Could stop names be shown in both languages?",
           "Thank you for the suggestion. Stop names in Chinese and English will be added along the six routes around {place} when the"
           " signs are renewed this quarter, and the timetable in the app is available in English from today.", SOLVED),
    Matter("信号灯与标线", "transport", COMPLAINT, ("Dangerous crossing at {place}", "Faded road markings near {place}"),
           "Cars turning right at {place} never stop for people on the crossing. I saw a child nearly hit this morning. Could you add a"
           " separate signal or at least repaint the markings?",
           "Traffic engineers observed the crossing at {place} for two days. The markings have been repainted, a speed table was added"
           " and pedestrians now get a five-second head start. We will look at the accident figures again in three months.", SOLVED),
    Matter("非机动车", "urban", COMPLAINT, ("Scooters block the pavement at {place}", "Shared bicycles piled up at {place}"),
           "Every evening the pavement at {place} is full of scooters and shared bicycles, so that I have to walk on the road with the"
           " pram. Please do something about it.",
           "We have marked {n} new parking areas at {place} and agreed with the operators that misplaced bicycles are removed within"
           " thirty minutes. Officers check twice a day for the next month.", SOLVED),
    Matter("噪声", "environment", COMPLAINT, ("Construction noise at night near {place}", "Loud music from a bar at {place} until 3 a.m."),
           "The building site next to {place} works until two in the morning, with concrete pumps running under our windows. We have small"
           " children and nobody sleeps. We called three times and it starts again the next day.",
           "Officers inspected the site the same night. It had no permit for night work; work was stopped and a fine issued. A noise"
           " monitor has been installed beside {place} and reports to us automatically after 22:00.", SOLVED),
    Matter("空气", "environment", ENQUIRY, ("Where can I see air quality for {place}?", "Smell of paint near {place}"),
           "Is there a public page with air quality readings for {place}? My son has asthma and we would like to plan when he can play"
           " outside.",
           "Hourly readings of all eleven stations are on the bureau's website and in the city app; the one nearest to {place} is"
           " “East Lake”. You can subscribe to a text message for days above 100.", EXPLAINED),
    Matter("固体废物", "urban", ENQUIRY, ("What goes into which bin?", "How to get rid of an old sofa at {place}"),
           "We moved to {place} last month and are confused by the four bins. Is there a guide in English? And where can we bring an old"
           " sofa and some batteries?",
           "A guide in English is attached to the bins at {place} and on our website. Bulky waste is collected on the first Saturday of"
           " the month; book by phone. Batteries go into the red box at every supermarket.", EXPLAINED),
    Matter("水质", "water", COMPLAINT, ("Brown tap water at {place}", "Water tastes of chlorine at {place}"),
           "The tap water at {place} has been brown every morning this week. Is it safe to drink and to cook with? The neighbours have"
           " the same problem.",
           "We took samples at {place} on the same day. The colour came from sediment stirred up by repairs; germs and metals are within"
           " the limits. The pipes have been flushed and the last two samples are clear. The pipe will be renewed this year.", SOLVED),
    Matter("入学", "education", ENQUIRY, ("School for our daughter, no local household registration", "Is there a bilingual class near {place}?"),
           "We live at {place} with residence permits. Our daughter will be six next autumn. Which papers do we need to enrol her in a"
           " public school, and when does registration open?",
           "Registration opens in May on the public services website. You need residence permits, a registered rental contract and the"
           " vaccination record. Places are given near {place} as far as there are any; the bureau will write to you in June.", EXPLAINED),
    Matter("就医", "health", ENQUIRY, ("Can I use the community clinic without a local card?", "English-speaking doctor near {place}"),
           "My insurance card is from another province. Can I see a doctor at the community clinic near {place} and how is it paid?",
           "Yes. Cards of all provinces are accepted at every community clinic; what the insurance covers is settled at once. At {place}"
           " an interpreter by telephone is available from 8:00 to 20:00.", EXPLAINED),
    Matter("社会保险", "social", ENQUIRY, ("Getting my pension contributions back when leaving", "How is social insurance paid for freelancers?"),
           "I worked here for {n} years and will move abroad next spring. Can I take out what I paid into the pension fund, and where do I"
           " apply?",
           "If your country has no agreement with ours you may have your own contributions paid out. Apply at the social insurance counter"
           " or online with your passport, the end of your contract and a bank account; it takes about fifteen working days.", EXPLAINED),
    Matter("路面", "urban", HELP, ("Deep pothole at {place}", "Loose manhole cover at {place}"),
           "There is a deep pothole in the cycle lane at {place}. After rain you cannot see it; I fell yesterday and hurt my wrist.",
           "We are sorry about your fall. The hole at {place} was closed the next day together with {n} others, and the cover nearby was"
           " replaced. The road is on the list for resurfacing next year.", PARTLY),
    Matter("绿化", "donghu", PRAISE, ("The new lakeside path is wonderful", "Thank you for the benches at {place}"),
           "The new path at {place} is a joy: quiet, clean, with water fountains that work. Thank you to everybody who planned and"
           " built it.",
           "Thank you for your kind words, which we passed on to the gardeners and planners. Next spring the path will be continued to the"
           " canal; the plans are on display at the park gate.", PLANNED),
)  # fmt: skip
