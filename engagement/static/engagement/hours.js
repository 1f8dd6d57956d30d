// On a phone the months lie side by side: the page opens at the one that is now.
const year = document.querySelector(".year");
const now = year?.querySelector("[data-now]");
if (now) year.scrollTo({ left: now.offsetLeft - year.firstElementChild.offsetLeft, behavior: "instant" });
