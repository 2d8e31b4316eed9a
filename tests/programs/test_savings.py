"""Payback, present value and rate of return, with their worked checks."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.savings import bars, flows, irr, npv, payback_text, payback_years

D = Decimal
MONEY = st.decimals(min_value=1, max_value=1_000_000, places=2)


def test_the_worked_check_of_the_domain():
    own = flows(D(42000), D(18500))
    assert round(payback_years(D(42000), D(18500)), 2) == D("2.27")
    assert round(npv(D("0.12"), own), 2) == D("24688.36")
    assert round(irr(own) * 100, 2) == D("33.76")


@pytest.mark.parametrize(
    ("investment", "net", "words"),
    [
        (42000, 18500, "2.3 años"),
        (1000, 4000, "3 meses"),
        (1, 100000, "1 mes"),
        (0, 500, "inmediato"),
        (0, 0, "no recupera"),
        (1000, 0, "no recupera"),
        (1000, -20, "no recupera"),
        (1000, 1000, "1.0 años"),
    ],
)
def test_payback_in_words(investment, net, words):
    assert payback_text(D(investment), D(net)) == words


def test_a_negative_investment_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        payback_years(D(-1), D(10))


def test_a_rate_of_minus_one_hundred_per_cent_is_refused():
    with pytest.raises(ValueError, match="above -100"):
        npv(D(-1), [D(1)])


@pytest.mark.parametrize("own", [flows(D(0), D(10)), flows(D(10), D(0)), flows(D(10), D(-5)), []])
def test_no_rate_of_return_when_flows_do_not_change_sign(own):
    assert irr(own) is None


def test_a_measure_that_recovers_too_late_has_a_negative_rate():
    assert irr(flows(D(1000), D(100))) < 0


@given(investment=MONEY, net=MONEY)
def test_the_present_value_at_the_rate_of_return_is_nothing(investment, net):
    own = flows(investment, net)
    if rate := irr(own):
        assert abs(npv(rate, own)) <= investment / 1000 + net / 1000


@given(investment=MONEY, net=MONEY, low=st.integers(0, 50), more=st.integers(1, 50))
def test_a_higher_rate_never_adds_value(investment, net, low, more):
    own = flows(investment, net)
    assert npv(D(low + more) / 100, own) < npv(D(low) / 100, own)


@given(investment=MONEY, net=MONEY)
def test_what_is_paid_back_is_what_was_invested(investment, net):
    assert abs(payback_years(investment, net) * net - investment) < D("0.001")


def test_bars_start_at_zero_and_never_go_below():
    assert [b["length"] for b in bars([("a", D(50)), ("b", D(100)), ("c", D(-20))])] == [200, 100, 0]
    assert [b["length"] for b in bars([("a", D(-5))])] == [0]
