"""Invented content for the page of styles."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from .lifecycle import Missing, Party

STEPS = [
    {"kind": "done", "label": "Postulación", "detail": "admitida 17/04"},
    {"kind": "done", "label": "Carta", "detail": "firmada 08/05"},
    {"kind": "now", "label": "Implementación", "detail": "hasta 12/02"},
    {"kind": "", "label": "Preauditoría", "detail": "desde 15/02"},
    {"kind": "cond", "label": "Subsanación", "detail": "si hiciera falta"},
    {"kind": "", "label": "Auditoría externa", "detail": ""},
    {"kind": "", "label": "Certificado", "detail": ""},
]


def missing():
    today = timezone.localdate()
    return [
        Missing("Faltan 43 requisitos por aceptar", Party.COMPANY, today - timedelta(30), "61 de 104", url="#"),
        Missing("10 requisitos esperan revisión", Party.MONITOR, today - timedelta(6), waiting=True),
        Missing("Carta de compromiso firmada", Party.COMPANY, today - timedelta(200), done=True),
    ]


def events():
    now = timezone.now()
    return [
        {"summary": "Requisito: En revisión", "at": now, "note": "", "actor": "Rosa Huamán"},
        {"summary": "Responsable cambiado", "at": now - timedelta(40), "note": "", "actor": ""},
    ]


class SampleFilter(forms.Form):
    q = forms.CharField(label="Empresa o RUC", required=False)
    region = forms.ChoiceField(
        label="Región", choices=[("", "Todas las regiones"), ("11", "Ica"), ("15", "Lima")], required=False
    )


class SampleForm(forms.Form):
    ruc = forms.CharField(
        label="RUC",
        min_length=11,
        max_length=11,
        help_text="11 números, sin guiones",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"min_length": "El RUC debe tener 11 dígitos. Escribió %(show_value)s."},
    )
    web = forms.URLField(label="Página web", assume_scheme="https")
    phone = forms.CharField(label="Teléfono", required=False, widget=forms.TextInput(attrs={"class": "short"}))
    started_on = forms.DateField(
        label="Inicio de actividades", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    region = forms.ChoiceField(label="Región", choices=[("", "Elija una"), ("11", "Ica"), ("15", "Lima")])
    verdict = forms.ChoiceField(
        label="Su decisión", choices=[("a", "Aceptar"), ("o", "Observar")], widget=forms.RadioSelect
    )
    topics = forms.MultipleChoiceField(
        label="Recursos",
        choices=[("w", "Agua"), ("e", "Energía")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(label="Qué debe corregir", widget=forms.Textarea(attrs={"rows": 3}))
    proof = forms.FileField(label="Documento", required=False, help_text="PDF o imagen, hasta 25 MB")
    agree = forms.BooleanField(label="Declaro que los datos son ciertos", help_text="Lo firma su representante legal.")
