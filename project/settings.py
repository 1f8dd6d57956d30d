"""Every setting of an installation, read from the environment; docs/settings.md explains each one."""

from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from portal.logs import logging_as_json
from project.environment import database, flag, kept_secret, number, one_of, text, words
from project.work import WORK as WORK

# Lets classes say ModelAdmin[Case] while they run, not only when types are checked.
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parent.parent


DEMO = flag("OPENHALL_DEMO")
DEBUG = flag("OPENHALL_DEBUG")
DATA_DIR = Path(text("OPENHALL_DATA_DIR", str(ROOT / "data"))).absolute()
HOSTS = words("OPENHALL_HOSTS", "127.0.0.1,localhost")
PUBLIC_URL = text("OPENHALL_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = HOSTS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CITY_NAME = text("OPENHALL_CITY_NAME", "明湖市" if DEMO else "")
CITY_NAME_EN = text("OPENHALL_CITY_NAME_EN", "Minghu City" if DEMO else "")
MAP_FILE = text("OPENHALL_MAP_FILE", str(ROOT / "portal/demo/minghu.geojson") if DEMO else "")
MAP_TILES, MAP_CREDIT = text("OPENHALL_MAP_TILES"), text("OPENHALL_MAP_CREDIT")

SECRET_KEY = kept_secret("OPENHALL_SECRET_KEY", DATA_DIR / "secret-key")
# Newest first: the first key seals, all of them open (rotation without an outage).
SEALING_KEYS = words("OPENHALL_SEALING_KEYS") or [kept_secret("OPENHALL_SEALING_KEY", DATA_DIR / "sealing-key")]
# Signs the checkpoints of the audit log; where copies of them are written (another disk, a mounted server), and for
# how many days records are kept, six months at least.
AUDIT_KEY = kept_secret("OPENHALL_AUDIT_KEY", DATA_DIR / "audit-key")
AUDIT_CHECKPOINTS = text("OPENHALL_AUDIT_CHECKPOINTS", str(DATA_DIR / "audit-checkpoints.jsonl"))
AUDIT_DAYS = number("OPENHALL_AUDIT_DAYS", 1095, least=183, most=36500)
# For how many days each class of data is kept after it came; 0 means for ever.
KEEP_CASES_DAYS = number("OPENHALL_KEEP_CASES_DAYS", 0, most=36500)
KEEP_REPORTS_DAYS = number("OPENHALL_KEEP_REPORTS_DAYS", 0, most=36500)
KEEP_TALKS_DAYS = number("OPENHALL_KEEP_TALKS_DAYS", 0, most=36500)
KEEP_NOTICES_DAYS = number("OPENHALL_KEEP_NOTICES_DAYS", 1095, most=36500)
KEEP_DELIVERIES_DAYS = number("OPENHALL_KEEP_DELIVERIES_DAYS", 365, most=36500)
# Where the law wants the words of letters kept also when their writer is forgotten.
ERASURE_KEEPS_WORDS = flag("OPENHALL_ERASURE_KEEPS_WORDS")
# The private key that web pushes are signed with (VAPID): 32 bytes, as browsers and other tools write it.
PUSH_KEY = kept_secret("OPENHALL_PUSH_KEY", DATA_DIR / "push-key", 32)
# Only tests push to this machine; everybody else's push services are hosts of the internet, by https.
PUSH_TO_LOOPBACK = flag("OPENHALL_PUSH_TO_LOOPBACK")

INSTALLED_APPS = [
    "daphne",
    "project",
    "portal",
    "accounts",
    "audit",
    "journal",
    "notices",
    "sms",
    "search",
    "engagement",
    "messaging",
    "forums",
    "wiki.knowledge",
    "wiki.knowledge.apps.Upstream",
    "wiki.knowledge.apps.Attachments",
    "channels",
    "accounts.apps.Administration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.humanize",
    "django_comments_xtd",
    "django_comments",
    "wiki.knowledge.apps.Nyt",
    "mptt",
    "sekizai",
    "sorl.thumbnail",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.PolicyMiddleware",
    # Before everything that reads cookies or forms into a database.
    "portal.middleware.GuardMiddleware",
    # Before everything that reads cookies: a frame on another web site has none, but a pass.
    "messaging.middleware.PassMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.LimitMiddleware",
    "accounts.middleware.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]

# daphne, or fast: uvicorn and picows, where they are installed.
SERVER = text("OPENHALL_SERVER", "daphne")
if SERVER not in ("daphne", "fast"):
    raise ImproperlyConfigured(f"OPENHALL_SERVER must be daphne or fast, not {SERVER!r}")
ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "asgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "portal.templating.Templates",
        "NAME": "django",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sekizai.context_processors.sekizai",
                "portal.context.hall",
            ]
        },
    }
]

FORM_RENDERER = "portal.templating.Forms"

DATABASES = {"default": database(text("OPENHALL_DATABASE_URL"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Tests run PostgreSQL without waiting for the disk; nobody else may.
ACCEPT_LOSS = flag("OPENHALL_ACCEPT_LOSS")

REDIS_URL = text("OPENHALL_REDIS_URL")
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "openhall"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # A paused Redis must not hold a request; limits then count in the process.
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# People
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# It would keep address and browser of every sign-in for ever; the audit log says who signed in, and for how long.
AXES_DISABLE_ACCESS_LOG = True

# Languages and time
LANGUAGE_CODE = text("OPENHALL_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "openhall_language"
TIME_ZONE = text("OPENHALL_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["project.formats"]
LOCALE_PATHS = [ROOT / "portal" / "locale", ROOT / "wiki" / "knowledge" / "locale"]

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "portal.static_files.StaticFiles"
    },
}
# Before anything is collected, files come from where they lie: see portal/static_files.py.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Safety
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PUBLIC_URL.startswith("https://") and flag("OPENHALL_REDIRECT_TO_HTTPS", True)
# Machines ask these over plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("OPENHALL_BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31536000 if PUBLIC_URL.startswith("https://") else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = bool(SECURE_HSTS_SECONDS)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *(["/".join(MAP_TILES.split("/")[:3])] if MAP_TILES else [])],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
TRUSTED_PROXIES = number("OPENHALL_TRUSTED_PROXIES", 0, most=8)
# Requests a minute of one signed-in person, or of one address without an account; 0 means no limit.
REQUESTS_A_MINUTE = number("OPENHALL_REQUESTS_A_MINUTE", 200)
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failed"
# /metrics answers loopback, and others only with this as a bearer token.
METRICS_TOKEN = text("OPENHALL_METRICS_TOKEN")

# Talks opened from one address in 10 min; how many minutes a silent opener's place is kept; after how many a silent
# officer's talks wait again.
CHAT_TALKS_RATE = number("OPENHALL_CHAT_TALKS_RATE", 10, least=1)
# For so many minutes citizens may change or take back what they said.
CHAT_CHANGE_MINUTES = number("OPENHALL_CHAT_CHANGE_MINUTES", 15, least=0)
# Talks that one person may have going on, and how many abandoned ones an address may leave behind in an hour.
CHAT_TALKS_AT_ONCE = number("OPENHALL_CHAT_TALKS_AT_ONCE", 3, least=1)
CHAT_ABANDONED_RATE = number("OPENHALL_CHAT_ABANDONED_RATE", 10, least=1)
CHAT_PLACE_KEPT_MINUTES = number("OPENHALL_CHAT_PLACE_KEPT_MINUTES", 30, least=1)
CHAT_OFFICER_GONE_MINUTES = number("OPENHALL_CHAT_OFFICER_GONE_MINUTES", 3, least=1)

# How many of somebody's first posts in the forums a moderator sees before everybody else.
FORUM_HELD_POSTS = number("OPENHALL_FORUM_HELD_POSTS", 1)

# What rooms above tell rooms below, by dotted path
JOURNAL_STREAMS = {
    "case": "engagement.queries.may_follow_case",
    "file": "engagement.queries.may_follow_file",
    "todo": "engagement.queries.may_follow_todo",
    "board": "engagement.queries.may_follow_board",
    "check": "engagement.queries.may_follow_check",
    "talk": "messaging.queries.may_follow_talk",
    "desk": "messaging.queries.may_follow_desk",
    "aside": "messaging.queries.may_follow_aside",
    "room": "messaging.queries.may_follow_room",
    "screen": "messaging.queries.may_follow_screen",
    "person": "notices.queries.may_follow_person",
    "topic": "forums.queries.may_follow_topic",
    "remarks": "wiki.knowledge.queries.may_follow_remarks",
    "forum": "forums.queries.may_follow_forum",
}
RESEAL_ALSO = ["messaging.actions.reseal_kept"]
RETRACT_BY = "journal.actions.retract"
MAIL_BY = "notices.actions.deliver_mail"
AUDIT_BY = "audit.actions.record"
REQUEST_ID = "portal.logs.request_id"
# What each room forgets of an erased person: functions of `person_id`.
ERASURES = [
    "engagement.actions.forget_person", "messaging.actions.forget_person", "forums.actions.forget_person",
    "wiki.knowledge.actions.forget_votes", "sms.actions.forget_person", "notices.actions.forget_person",
]  # fmt: skip
# What is still open of a person and how it is ended; and what each room has of a person to take along.
OPEN_MATTERS = "engagement.queries.open_cases_of"
END_MATTERS = "engagement.actions.withdraw_open_cases"
EXPORTS = [
    "engagement.queries.data_of_person", "messaging.queries.data_of_person", "forums.queries.data_of_person",
    "notices.queries.data_of_person",
]  # fmt: skip
JOURNAL_VOICES = {
    "talk": "messaging.actions.say",
    "aside": "messaging.actions.whisper",
    "room": "messaging.actions.say_in_room",
}
# Rooms in which people change and take back what they said.
JOURNAL_EDITS = {"talk": "messaging.actions.change_words", "room": "messaging.actions.change_in_room"}
# Rooms that store many plain messages of different people at once.
JOURNAL_CHOIRS = {"talk": "messaging.actions.say_together"}
JOURNAL_READS = {"talk": "messaging.actions.mark_read", "room": "messaging.actions.read_room"}
JOURNAL_PRESENCE = "messaging.actions.heartbeat"
JOURNAL_READERS = "messaging.actions.note_readers"
CASE_ASK = "messaging.queries.way_to_ask"
CASE_CALL = "messaging.queries.call_of"
SOCKETS_PER_PERSON = number("OPENHALL_SOCKETS_PER_PERSON", 5, least=1)
SOCKETS_PER_ADDRESS = number("OPENHALL_SOCKETS_PER_ADDRESS", 50, least=1)
CARRIERS = {
    "email": "notices.carriers.screen.Screen" if DEMO else "notices.carriers.mail.Mail",
    "sms": "notices.carriers.screen.Screen" if DEMO else "sms.carrier.Twilio",
    "push": "notices.carriers.screen.Screen" if DEMO else "notices.carriers.push.WebPush",
}
# The unit (by its code) that alone handles reports of wrongdoing.
# Whether officials get their notices by e-mail too; they see them on the page in any case.
MAIL_TO_OFFICIALS = flag("OPENHALL_MAIL_TO_OFFICIALS", True)
INTEGRITY_UNIT = text("OPENHALL_INTEGRITY_UNIT", "integrity")
# Working days after its dispatch in which a unit may give a case back.
RETURN_DAYS = number("OPENHALL_RETURN_DAYS", 2, least=1, most=30)
# After so many returns the next decision about who handles a case binds; the unit that takes what nobody owns.
RETURNS_MOST = number("OPENHALL_RETURNS_MOST", 2, least=1, most=9)
BACKSTOP_UNIT = text("OPENHALL_BACKSTOP_UNIT")
# From how many citizens on a joined matter rises by a level.
JOIN_LEVELS = [int(part) for part in words("OPENHALL_JOIN_LEVELS", "5,20") if part.isdecimal()]
# Of a hundred answered cases whose citizen left a telephone number, how many are called back.
CALLBACK_PERCENT = number("OPENHALL_CALLBACK_PERCENT", 100, most=100)
# Where the search index gets a room's texts from when it is built anew: functions that return search.actions.Text.
SEARCH_ROOMS = {
    "case": "engagement.queries.findable_letters", "article": "wiki.knowledge.queries.findable_pages",
    "topic": "forums.actions.findable_topics", "blog": "forums.actions.findable_articles",
    "interview": "messaging.actions.findable_interviews",
}  # fmt: skip
# What reads an answer when it has been sent to a citizen, and who tells those who got it that its source has changed.
ANSWER_READERS = ["wiki.knowledge.actions.note_citations"]
TELL_CITED = {
    "case": "engagement.actions.tell_source_changed", "talk": "messaging.actions.tell_source_changed",
    "reply": "forums.actions.tell_source_changed",
}  # fmt: skip
# What else a published letter leads to: functions of (viewer, case number) that return (words, address) pairs.
LETTER_LINKS = ["wiki.knowledge.queries.links_of_letter"]
CASE_ORIGINS: dict[str, str] = {
    "talk": "messaging.queries.thread_of_case",
    "topic": "forums.queries.thread_of_case",
}

# E-mail and SMS
MAIL_FROM = text("OPENHALL_MAIL_FROM", "Openhall <openhall@localhost>")
# What Django itself or a library mails goes through the outbox like everything else.
EMAIL_BACKEND = "notices.carriers.outbox.OutboxBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
SMTP_HOST = text("OPENHALL_SMTP_HOST", "127.0.0.1")
SMTP_PORT = number("OPENHALL_SMTP_PORT", 25, least=1, most=65535)
SMTP_USER = text("OPENHALL_SMTP_USER")
SMTP_PASSWORD = text("OPENHALL_SMTP_PASSWORD")
SMTP_TLS, SMTP_CA = one_of("OPENHALL_SMTP_TLS", ("none", "starttls", "tls")), text("OPENHALL_SMTP_CA")
# Country code put before mobile numbers that are written without one.
SMS_COUNTRY = text("OPENHALL_SMS_COUNTRY", "86")
TWILIO_ACCOUNT = text("OPENHALL_TWILIO_ACCOUNT")
TWILIO_TOKEN = text("OPENHALL_TWILIO_TOKEN")
TWILIO_FROM = text("OPENHALL_TWILIO_FROM")
TWILIO_SECONDS = number("OPENHALL_TWILIO_SECONDS", 10, least=1, most=25)
TWILIO_URL = text("OPENHALL_TWILIO_URL", "https://api.twilio.com")

# django-comments-xtd and django-wiki
SITE_ID = 1
COMMENTS_APP = "django_comments_xtd"
COMMENTS_XTD_MODEL = "forums.models.Reply"
COMMENTS_XTD_MAX_THREAD_LEVEL = 8
COMMENTS_XTD_THREADED_EMAILS = False
COMMENTS_XTD_CONFIRM_EMAIL = False
NYT_ENABLE_CHANNELS = False
NYT_ENABLE_ADMIN = False
# A page that was found right must be looked at again after so many days.
PAGE_CHECK_DAYS = number("OPENHALL_PAGE_CHECK_DAYS", 365, least=1, most=3650)
# What engagement.rules.files lets through; everything is served by our own page, with the rights of the article.
WIKI_ATTACHMENTS_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "pdf", "txt", "docx", "xlsx", "mp3", "mp4"]
WIKI_ACCOUNT_HANDLING = False
WIKI_MARKDOWN_SANITIZE_HTML = True

# axes.W006 wants one limit for accounts and addresses alike; ours differ: 5 tries an account (axes), 20 an address
# (accounts.actions.limit_rate), both in 15 minutes.
SILENCED_SYSTEM_CHECKS: list[str] = ["axes.W006"]
LOG_LEVEL = text("OPENHALL_LOG_LEVEL", "INFO")
LOGGING = logging_as_json(LOG_LEVEL)
