"""The routes of accounts."""

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-up/", views.sign_up, name="sign-up"),
    path("reset/", views.reset, name="reset"),
    path("reset/<str:uid>/<str:token>/", views.reset_confirm, name="reset-confirm"),
    path("account/", views.account, name="account"),
    path("account/details/", views.change, name="change"),
    path("account/password/", views.password, name="password"),
    path("account/sign-out-everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("account/data/", views.own_data, name="own-data"),
    path("account/data/export/", views.export, name="export"),
    path("account/erase/", views.erase, name="erase"),
    path("account/email/<str:token>/", views.confirm_email, name="confirm-email"),
]
