"""Operations, lists and errors against the real engine."""

from __future__ import annotations

import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import amtia
import pytest
from amtia import Client
from conftest import connect, key


def test_lists_give_every_record_once(viewer: Client) -> None:
    risks = viewer.risks.list(limit=200, sort="name")
    records = list(risks)
    assert len(records) == len(risks) == risks.total
    assert len(records) > 1000
    assert len({risk.id for risk in records}) == len(records)
    names = [risk.name.casefold() for risk in records]
    assert names == sorted(names)
    pages = list(risks.pages())
    assert [len(page.data) for page in pages[:-1]] == [200] * (len(pages) - 1)
    assert pages[-1].is_last


def test_filters_reach_the_api(viewer: Client) -> None:
    critical = viewer.risks.list(level="critical", limit=200)
    assert {risk.level for risk in critical} == {"critical"}
    unassessed = viewer.risks.list(assessed=False)
    assert all(risk.level is None for risk in unassessed)
    due = viewer.risks.list(review_before=date(2100, 1, 1), limit=1)
    assert due.total


def test_frameworks_and_controls(viewer: Client) -> None:
    assert "iso-27001" in {framework.id for framework in viewer.frameworks.list()}
    controls = list(viewer.frameworks.controls("iso-27001", limit=200))
    assert {control.framework_id for control in controls} == {"iso-27001"}


def test_the_heatmap_counts_the_list(viewer: Client) -> None:
    heatmap = viewer.risks.heatmap(view="inherent")
    assert heatmap.view == "inherent"
    assert len(heatmap.cells) == 25
    assert sum(cell.count for cell in heatmap.cells) + heatmap.unassessed == viewer.risks.list().total
    assert sum(heatmap.totals.values()) + heatmap.unassessed == viewer.risks.list().total


def test_a_risk_is_created_and_changed(analyst: Client) -> None:
    risk = analyst.risks.create(
        name="A supplier's VPN account is shared", likelihood=4, impact=4, inherent={"likelihood": 5, "impact": 4}, tags=["vpn"]
    )
    assert (risk.score, risk.tags, risk.treatment) == (16, ["vpn"], "open")
    assert risk.inherent is not None and risk.inherent.score == 20
    assert risk["name"] == risk.name and risk.etag
    changed = analyst.risks.update(risk.id, owner="Ines Duarte", review_date=date(2027, 1, 31), if_match=risk.etag)
    assert (changed.owner, changed.review_date, changed.name) == ("Ines Duarte", "2027-01-31", risk.name)
    cleared = analyst.risks.update(risk.id, owner=None)
    assert cleared.owner is None
    with pytest.raises(amtia.PreconditionFailedError) as stale:
        analyst.risks.update(risk.id, owner="Somebody", if_match=risk.etag)
    assert stale.value.code == 412 and stale.value.request_id
    assert pickle.loads(pickle.dumps(cleared)) == cleared


def test_an_incident_is_created_and_moved(analyst: Client) -> None:
    incident = analyst.incidents.create(title="A laptop is missing", severity="medium")
    moved = analyst.incidents.update_status(incident.id, status="triaged", note="Called the owner")
    assert (moved.id, moved.status) == (incident.id, "triaged")


def test_a_keyed_post_happens_once(analyst: Client) -> None:
    first = analyst.risks.create(name="Once", idempotency_key="python-once")
    assert analyst.risks.create(name="Once", idempotency_key="python-once").id == first.id
    with pytest.raises(amtia.BadRequestError):
        analyst.risks.create(name="Another", idempotency_key="python-once")


def test_each_refusal_has_its_class(viewer: Client, analyst: Client) -> None:
    with pytest.raises(amtia.BadRequestError) as bad:
        analyst.risks.create(name="", likelihood=9, impact=0)
    assert bad.value.code == 400 and bad.value.status == "Bad Request"
    assert {detail.field for detail in bad.value.details} >= {"name", "likelihood", "impact"}
    assert bad.value.field("impact")
    assert bad.value.request_id and bad.value.request_id.startswith("req_") and bad.value.request_id in str(bad.value)
    with pytest.raises(amtia.PermissionDeniedError) as role:
        viewer.risks.create(name="Not mine to write")
    assert role.value.code == 403 and "analyst" in role.value.message
    with pytest.raises(amtia.NotFoundError):
        analyst.risks.update("no-such-risk", owner="Nobody")
    api_key, secret = key("VIEWER")
    with pytest.raises(amtia.AuthenticationError) as wrong:
        Client(api_key=api_key, secret="wrong").risks.list()
    assert wrong.value.code == 401 and secret not in repr(wrong.value)


def test_an_identifier_stays_one_segment(analyst: Client) -> None:
    with pytest.raises(amtia.NotFoundError):
        analyst.frameworks.controls("iso-27001/controls?x=")
    for wrong in ("", ".", ".."):
        with pytest.raises(ValueError, match="identifier"):
            analyst.frameworks.controls(wrong)


def test_a_refused_token_is_renewed_once(analyst: Client) -> None:
    good = analyst.auth.token()
    analyst._api.tokens._token = good[:-4] + "AAAA"
    assert analyst.risks.list(limit=1).total
    assert analyst._api.tokens._token not in (None, good[:-4] + "AAAA")


def test_an_ending_token_is_renewed_before_it_ends(analyst: Client) -> None:
    first = analyst.auth.token()
    assert analyst.auth.token() == first
    tokens = analyst._api.tokens
    ahead = time.monotonic() + 3600 - 59
    tokens._clock = lambda: ahead
    time.sleep(1.1)
    assert analyst.auth.token() != first


def test_the_rate_limit_is_told_with_the_wait() -> None:
    with connect("LIMITED", max_retry_wait=0.5) as client:
        client.auth.token()

        def ask(_: int) -> amtia.RateLimitError | None:
            try:
                client.risks.list(limit=1)
            except amtia.RateLimitError as error:
                return error
            return None

        with ThreadPoolExecutor(8) as pool:
            refused = [error for error in pool.map(ask, range(1010)) if error]
    assert len(refused) == 10
    assert refused[0].code == 429 and refused[0].retry_after and 0 < refused[0].retry_after <= 60
