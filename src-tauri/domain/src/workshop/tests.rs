use super::*;
use crate::input::Problems;
use crate::matrix::Matrix;
use serde_json::{Value, json};

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The fields that are named, each once.
fn fields(problems: &Problems) -> Vec<&str> {
    let mut fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
    fields.dedup();
    fields
}

fn write(workshop: Option<&mut Workshop>, body: Value, voted: &[&str]) -> Result<Workshop, Problems> {
    let Value::Object(body) = body else { panic!("an object") };
    let patch = WorkshopPatch::read(body, workshop.is_none())?;
    let mut next = workshop.as_ref().map_or(0, |workshop| workshop.participants.len() + workshop.items.len());
    let ask = Ask {
        risk: &|id| (id != "gone").then(|| (format!("R-{id}"), format!("Risk {id}"))),
        voted: &|id| voted.contains(&id),
        id: &mut || {
            next += 1;
            format!("new-{next}")
        },
    };
    match workshop {
        Some(workshop) => workshop.apply(patch, now(), ask).map(|()| workshop.clone()),
        None => Workshop::create(patch, "w".into(), 3, now(), ask),
    }
}

fn planned(seats: usize, risks: usize) -> Workshop {
    let seats: Vec<Value> = (0..seats).map(|place| json!({ "name": format!("Seat {place}") })).collect();
    let items: Vec<Value> = (0..risks).map(|place| json!({ "risk_id": place.to_string() })).collect();
    write(None, json!({ "name": "Third parties", "participants": seats, "items": items }), &[]).expect("planned")
}

fn running(seats: usize, risks: usize) -> Workshop {
    let mut workshop = planned(seats, risks);
    workshop.go(WorkshopStatus::Running, now()).expect("begun");
    workshop
}

fn votes(item: &str, round: u8, cells: &[Option<(u8, u8)>]) -> Vec<Vote> {
    let vote = |(place, cell): (usize, &Option<(u8, u8)>)| Vote {
        item_id: item.into(),
        round,
        seat_id: format!("new-{}", place + 1),
        cell: cell.map(|(likelihood, impact)| Judgement { likelihood, impact }),
        comment: None,
        salt: place.to_string(),
    };
    cells.iter().enumerate().map(vote).collect()
}

fn reveal(workshop: &mut Workshop, item: &str, votes: &[Vote]) -> Result<(), Problems> {
    let of: Vec<&Vote> = votes.iter().collect();
    let before = Some(Judgement { likelihood: 4, impact: 4 });
    workshop.turn(item, TurnItem::Reveal(Reveal { votes: &of, seal: "seal".into(), before }), now()).expect("there")
}

fn begin(workshop: &mut Workshop, item: &str) -> Result<(), Problems> {
    workshop.turn(item, TurnItem::Vote(Some("As it is now".into())), now()).expect("there")
}

fn decide(workshop: &mut Workshop, item: &str, body: Value, votes: &[Vote]) -> Result<(), Problems> {
    let Value::Object(body) = body else { panic!("an object") };
    let of: Vec<&Vote> = votes.iter().collect();
    let patch = DecisionPatch::read(body, &Matrix::standard())?;
    workshop.decide(item, patch, Some("Hugo".into()), &Tally::of(&of), now()).expect("there")
}

#[test]
fn the_medians_the_spread_and_the_agreement_of_a_round() {
    use Agreement::{Close, Divided, Mixed, None, Unanimous};
    let nine = [(3, 4), (3, 4), (3, 4), (3, 4), (4, 4), (4, 4), (3, 3), (2, 4), (5, 5)];
    type Cell = Option<(u8, u8)>;
    let cases: Vec<(Vec<Cell>, Cell, Cell, u32, Agreement)> = vec![
        (vec![], Option::None, Option::None, 0, None),
        (vec![Option::None, Option::None], Option::None, Option::None, 0, None),
        (vec![Some((2, 5))], Some((2, 5)), Some((0, 0)), 1, Unanimous),
        (vec![Some((2, 5)), Option::None, Some((2, 5))], Some((2, 5)), Some((0, 0)), 2, Unanimous),
        (nine.iter().copied().map(Some).collect(), Some((3, 4)), Some((3, 2)), 8, Close),
        // Of an even number the higher one in the middle.
        (vec![Some((1, 1)), Some((2, 4))], Some((2, 4)), Some((1, 3)), 1, Mixed),
        (vec![Some((1, 1)), Some((2, 2)), Some((4, 4)), Some((5, 5))], Some((4, 4)), Some((4, 4)), 2, Mixed),
        (vec![Some((1, 1)), Some((1, 1)), Some((3, 3)), Some((5, 5)), Some((5, 5))], Some((3, 3)), Some((4, 4)), 1, Divided),
        (vec![Some((3, 3)), Some((3, 3)), Some((3, 3)), Some((5, 3))], Some((3, 3)), Some((2, 0)), 3, Close),
    ];
    for (cells, median, spread, near, agreement) in cases {
        let all = votes("i", 1, &cells);
        let tally = Tally::of(&all.iter().collect::<Vec<_>>());
        let seen = tally.likelihood.as_ref().zip(tally.impact.as_ref());
        assert_eq!(tally.median().map(|cell| (cell.likelihood, cell.impact)), median, "{cells:?}: median");
        assert_eq!(seen.map(|(one, other)| (one.spread, other.spread)), spread, "{cells:?}: spread");
        assert_eq!((tally.near, tally.agreement), (near, agreement), "{cells:?}");
        let judged = cells.iter().flatten().count() as u32;
        assert_eq!((tally.votes, tally.cannot_judge), (judged, cells.len() as u32 - judged), "{cells:?}: counted");
        let (all_cells, apart): (Vec<u32>, Vec<u32>) =
            tally.cells.iter().map(|cell| (cell.count, if cell.apart { cell.count } else { 0 })).unzip();
        assert_eq!(all_cells.iter().sum::<u32>(), judged, "{cells:?}: every vote stands on a cell");
        assert_eq!(apart.iter().sum::<u32>(), judged - near, "{cells:?}: who is not near stands apart");
    }
}

/// Over every room of up to four votes on a small matrix: the order of the votes says nothing, and the median is one of them.
#[test]
fn a_tally_does_not_depend_on_who_voted_first() {
    let cells: Vec<(u8, u8)> = (1..=3).flat_map(|likelihood| (1..=3).map(move |impact| (likelihood, impact))).collect();
    for a in &cells {
        for b in &cells {
            for c in &cells {
                let forward = votes("i", 1, &[Some(*a), Some(*b), Some(*c), None]);
                let backward = votes("i", 1, &[None, Some(*c), Some(*b), Some(*a)]);
                let of = |votes: &[Vote]| Tally::of(&votes.iter().collect::<Vec<_>>());
                let tally = of(&forward);
                assert_eq!(tally, of(&backward), "{a:?} {b:?} {c:?}");
                let median = tally.median().expect("judged");
                assert!([a.0, b.0, c.0].contains(&median.likelihood) && [a.1, b.1, c.1].contains(&median.impact), "{a:?} {b:?} {c:?}");
                let apart = forward.iter().filter(|vote| tally.is_apart(vote)).count() as u32;
                assert_eq!(apart + tally.near, 3, "{a:?} {b:?} {c:?}");
            }
        }
    }
}

#[test]
fn the_room_goes_from_one_risk_to_the_next() {
    let mut room = running(3, 2);
    let [first, second] = [room.items[0].id.clone(), room.items[1].id.clone()];
    let one = votes(&first, 1, &[Some((3, 4)), Some((4, 4)), None]);
    assert_eq!(fields(&reveal(&mut room, &first, &one).expect_err("not begun")), ["status"]);
    begin(&mut room, &first).expect("begun");
    assert_eq!((room.items[0].name.as_str(), room.items[0].round(), room.at().map(|at| &at.id)), ("As it is now", 1, Some(&first)));
    assert_eq!(fields(&begin(&mut room, &second).expect_err("one at a time")), ["status"]);
    assert_eq!(fields(&room.go(WorkshopStatus::Closed, now()).expect_err("one is open")), ["status"]);
    assert_eq!(fields(&reveal(&mut room, &first, &[]).expect_err("nobody has voted")), ["status"]);
    assert_eq!(room.items[0].before, None, "nothing that anchors is in the record");
    reveal(&mut room, &first, &one).expect("revealed");
    assert_eq!((room.items[0].rounds[0].votes, room.items[0].rounds[0].cannot_judge), (2, 1));
    assert_eq!(room.items[0].before, Some(Judgement { likelihood: 4, impact: 4 }));
    assert_eq!(fields(&begin(&mut room, &second).expect_err("not decided")), ["status"]);
    begin(&mut room, &first).expect("again");
    assert_eq!((room.items[0].round(), room.items[0].rounds.len()), (2, 1), "the first round is kept");
    let two = votes(&first, 2, &[Some((3, 4)), Some((3, 4)), Some((3, 4))]);
    assert_eq!(fields(&decide(&mut room, &first, json!({ "likelihood": 3, "impact": 4 }), &two).expect_err("not revealed")), ["status"]);
    reveal(&mut room, &first, &two).expect("revealed");
    decide(&mut room, &first, json!({ "likelihood": 3, "impact": 4, "rationale": "As voted" }), &two).expect("decided");
    assert_eq!((room.items[0].status, room.items[0].rounds.len(), room.at()), (ItemStatus::Decided, 2, None));
    let skip = |room: &mut Workshop, id: &str| room.turn(id, TurnItem::Skip, now()).expect("there");
    assert_eq!(fields(&skip(&mut room, &first).expect_err("it is decided")), ["status"]);
    skip(&mut room, &second).expect("left out");
    room.go(WorkshopStatus::Closed, now()).expect("closed");
    assert_eq!(fields(&begin(&mut room, &second).expect_err("closed")), ["status"]);
    assert_eq!(fields(&write(Some(&mut room), json!({ "name": "Other" }), &[]).expect_err("closed")), ["status"]);
    assert!(write(Some(&mut room), json!({ "name": "Third parties" }), &[]).is_ok(), "nothing changes");
    room.go(WorkshopStatus::Running, now()).expect("open again");
    begin(&mut room, &second).expect("what was left out can be begun");
    let mut applied = running(1, 1);
    applied.items[0].status = ItemStatus::Skipped;
    applied.go(WorkshopStatus::Closed, now()).expect("closed");
    applied.applied_at = Some(now());
    assert_eq!(fields(&applied.go(WorkshopStatus::Running, now()).expect_err("applied")), ["status"]);
}

#[test]
fn a_workshop_begins_with_a_risk_and_somebody_present() {
    let mut empty = write(None, json!({ "name": "Empty", "participants": [{ "name": "Ines", "present": false }] }), &[]).expect("planned");
    assert_eq!(fields(&empty.go(WorkshopStatus::Running, now()).expect_err("empty")), ["items", "participants"]);
    assert_eq!(fields(&empty.go(WorkshopStatus::Closed, now()).expect_err("not begun")), ["status"]);
    assert_eq!(fields(&begin(&mut planned(1, 1), "new-2").expect_err("not begun")), ["status"]);
}

#[test]
fn a_seat_that_is_present_votes_once_a_round_while_votes_are_taken() {
    let mut room = running(2, 2);
    let item = room.items[0].id.clone();
    let seat = room.participants[0].id.clone();
    room.participants[1].present = false;
    let absent = room.participants[1].id.clone();
    let refused = |room: &Workshop, seat: &str, round| fields_of(room.may_vote(&item, seat, round).expect("there"));
    assert_eq!(refused(&room, &seat, None), ["status"], "not begun");
    begin(&mut room, &item).expect("begun");
    assert_eq!(room.may_vote(&item, &seat, None), Some(Ok(1)));
    assert_eq!(room.may_vote(&item, &seat, Some(1)), Some(Ok(1)));
    assert_eq!(refused(&room, &seat, Some(2)), ["round"]);
    assert_eq!(refused(&room, &absent, None), ["participants"]);
    assert_eq!(room.may_vote(&item, "nobody", None), None);
    assert_eq!(room.may_vote("nothing", &seat, None), None);
    let all = votes(&item, 1, &[Some((1, 1))]);
    reveal(&mut room, &item, &all).expect("revealed");
    assert_eq!(refused(&room, &seat, Some(1)), ["status"], "a vote for a round that was seen");
    begin(&mut room, &item).expect("again");
    assert_eq!(refused(&room, &seat, Some(1)), ["round"], "a replayed vote");
    assert_eq!(room.may_vote(&item, &seat, Some(2)), Some(Ok(2)));
}

fn fields_of(result: Result<u8, Problems>) -> Vec<String> {
    result.expect_err("refused").0.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn a_room_that_decides_takes_its_median_or_says_why_not() {
    for (decides, rationale, cell, allowed) in [
        ("room", None, (3, 3), true),
        ("room", None, (3, 4), false),
        ("room", Some("The loss was paid since"), (3, 4), true),
        ("facilitator", None, (5, 5), true),
        ("owner", None, (5, 5), true),
    ] {
        let mut room = planned(3, 1);
        write(Some(&mut room), json!({ "decides": decides }), &[]).expect("planned");
        room.go(WorkshopStatus::Running, now()).expect("begun");
        let item = room.items[0].id.clone();
        begin(&mut room, &item).expect("begun");
        let all = votes(&item, 1, &[Some((2, 3)), Some((3, 3)), Some((5, 3))]);
        reveal(&mut room, &item, &all).expect("revealed");
        let result = decide(&mut room, &item, json!({ "likelihood": cell.0, "impact": cell.1, "rationale": rationale }), &all);
        assert_eq!(result.is_ok(), allowed, "{decides} {rationale:?} {cell:?}: {result:?}");
    }
    let mut room = running(1, 1);
    let item = room.items[0].id.clone();
    begin(&mut room, &item).expect("begun");
    let all = votes(&item, 1, &[Some((2, 3))]);
    reveal(&mut room, &item, &all).expect("revealed");
    let dissent = |seat: &str| json!({ "likelihood": 2, "impact": 3, "dissent": [{ "seat_id": seat, "reason": "Too low" }] });
    assert_eq!(fields(&decide(&mut room, &item, dissent("nobody"), &all).expect_err("who")), ["dissent"]);
    assert_eq!(fields(&decide(&mut room, &item, json!({ "likelihood": 6 }), &all).expect_err("both")), ["impact", "likelihood"]);
    assert_eq!(fields(&decide(&mut room, &item, json!({ "likelihood": null, "impact": 3 }), &all).expect_err("null")), ["likelihood"]);
    decide(&mut room, &item, dissent("new-1"), &all).expect("decided");
    assert_eq!(Minutes::of(&room, &all).items[0].dissent[0].name.as_deref(), Some("Seat 0"));
}

#[test]
fn what_the_votes_mean_and_what_was_voted_on_stays() {
    let mut room = running(2, 3);
    let open = json!({ "blind": false });
    assert_eq!(fields(&write(Some(&mut room), open, &[]).expect_err("and anonymous no more")), ["anonymous", "blind"]);
    let [first, second, third] = [0, 1, 2].map(|place: usize| room.items[place].id.clone());
    let seats = room.participants.clone();
    begin(&mut room, &first).expect("begun");
    for body in [json!({ "view": "residual" }), json!({ "anonymous": false }), json!({ "decides": "room" })] {
        let field = body.as_object().and_then(|body| body.keys().next().cloned()).expect("a field");
        assert_eq!(fields(&write(Some(&mut room), body, &[]).expect_err("fixed")), [field]);
    }
    let item = |id: &str, risk: usize| json!({ "id": id, "risk_id": risk.to_string() });
    let without_first = json!({ "items": [item(&third, 2), item(&second, 1)] });
    assert_eq!(fields(&write(Some(&mut room), without_first, &[]).expect_err("begun")), ["items"]);
    write(Some(&mut room), json!({ "items": [item(&third, 2), item(&first, 0), { "risk_id": "9", "minutes": 8 }] }), &[])
        .expect("reordered");
    assert_eq!(room.items.iter().map(|item| (item.risk_id.as_str(), item.minutes)).collect::<Vec<_>>(), [("2", 5), ("0", 5), ("9", 8)]);
    let only = json!({ "participants": [{ "id": seats[1].id, "name": "Renamed" }] });
    assert_eq!(fields(&write(Some(&mut room), only.clone(), &[&seats[0].id]).expect_err("has voted")), ["participants"]);
    write(Some(&mut room), only, &[]).expect("has not");
    for (body, field) in [
        (json!({ "items": [item("other", 0)] }), "items"),
        (json!({ "items": [item(&first, 2)] }), "items"),
        (json!({ "items": [item(&first, 0), { "risk_id": "0" }] }), "items"),
        (json!({ "items": [item(&first, 0), { "risk_id": "gone" }] }), "items"),
        (json!({ "items": [{ "id": first, "risk_id": "0", "minutes": 0 }] }), "items.0.minutes"),
        (json!({ "items": [{ "id": first, "risk_id": "0", "colour": "red" }] }), "items.0.colour"),
        (json!({ "items": [3] }), "items"),
        (json!({ "items": {} }), "items"),
        (json!({ "participants": [{ "name": "Ada" }, { "name": "ada" }] }), "participants"),
        (json!({ "participants": [{ "id": "nobody", "name": "Ada" }] }), "participants"),
        (json!({ "participants": [{ "group": "IT" }] }), "participants.0.name"),
        (json!({ "participants": vec![json!({ "name": "Ada" }); SEATS_MAX + 1] }), "participants"),
        (json!({ "name": "" }), "name"),
    ] {
        let refused = write(Some(&mut room), body.clone(), &[]).expect_err("refused");
        assert_eq!(fields(&refused), [field], "{body}");
    }
}

#[test]
fn nothing_that_anchors_is_told_before_the_reveal() {
    let matrix = Matrix::standard();
    for blind in [true, false] {
        let mut room = planned(2, 1);
        write(Some(&mut room), json!({ "blind": blind, "anonymous": blind }), &[]).expect("planned");
        room.go(WorkshopStatus::Running, now()).expect("begun");
        let item = room.items[0].id.clone();
        begin(&mut room, &item).expect("begun");
        let mut all = votes(&item, 1, &[Some((2, 3)), Some((5, 5))]);
        all[1].comment = Some("It happened last year".into());
        let tell = |room: &Workshop, votes: &[Vote]| RoomTold::of(room, votes, Some("Cause".into()), &matrix);
        let voting = tell(&room, &all[..1]);
        assert_eq!(voting.seats.iter().map(|seat| seat.voted).collect::<Vec<_>>(), [true, false]);
        let at = voting.item.expect("one is open");
        assert_eq!((at.before, voting.matrix.appetite, at.told.is_some(), at.earlier.len()), (None, None, !blind, 0), "blind: {blind}");
        reveal(&mut room, &item, &all).expect("revealed");
        let seen = tell(&room, &all);
        let at = seen.item.expect("one is open");
        assert_eq!((at.before.map(|cell| cell.likelihood), seen.matrix.appetite), (Some(4), Some(matrix.appetite)));
        let round = at.told.expect("told");
        assert_eq!(round.votes.len(), if blind { 0 } else { 2 }, "an anonymous room names nobody");
        assert_eq!(round.comments[0].name.as_deref(), if blind { None } else { Some("Seat 1") });
        begin(&mut room, &item).expect("again");
        let again = tell(&room, &all).item.expect("one is open");
        assert_eq!((again.round, again.before, again.earlier.len()), (2, None, 0), "nor in a further round");
        assert!(again.told.is_none_or(|told| told.tally.votes == 0), "the votes of the first round are not told");
    }
}

#[test]
fn a_group_too_small_to_hide_in_is_not_told_of() {
    let groups = |sizes: &[(&str, usize)], anonymous: bool| {
        let named = sizes.iter().flat_map(|(name, size)| (0..*size).map(move |place| (*name, place)));
        let seats: Vec<Value> = named.map(|(name, place)| json!({ "name": format!("{name} {place}"), "group": name })).collect();
        let room = write(None, json!({ "name": "W", "participants": seats }), &[]).expect("planned");
        let all = votes("i", 1, &vec![Some((2, 2)); seats.len()]);
        let told = GroupTally::of(&all.iter().collect::<Vec<_>>(), &room.participants, anonymous);
        told.iter().map(|group| (group.group.clone(), group.votes)).collect::<Vec<_>>()
    };
    let of = |name: &str, votes: u32| (name.to_owned(), votes);
    assert_eq!(groups(&[("IT", 3), ("Legal", 4)], true), [of("IT", 3), of("Legal", 4)]);
    assert_eq!(groups(&[("IT", 3), ("Legal", 2)], true), [], "what is left over would be told by subtraction");
    assert_eq!(groups(&[("IT", 3), ("Legal", 2), ("Ops", 2)], true), [of("IT", 3)]);
    assert_eq!(groups(&[("IT", 1), ("Legal", 1)], false), [of("IT", 1), of("Legal", 1)]);
    assert_eq!(groups(&[("IT", 5)], false), [], "one group is the room");
}

#[test]
fn the_minutes_tell_of_revealed_rounds_alone() {
    let mut room = running(3, 2);
    let item = room.items[0].id.clone();
    begin(&mut room, &item).expect("begun");
    let mut all = votes(&item, 1, &[Some((1, 1)), Some((3, 3)), Some((5, 5))]);
    assert_eq!(Minutes::of(&room, &all).items[0].rounds, [], "not revealed");
    reveal(&mut room, &item, &all).expect("revealed");
    assert_eq!(Minutes::of(&room, &all).divided, [room.items[0].reference.clone()]);
    begin(&mut room, &item).expect("again");
    all.extend(votes(&item, 2, &[Some((3, 3)), Some((3, 3)), Some((3, 3))]));
    assert_eq!(Minutes::of(&room, &all).items[0].rounds, [], "the first anchors nobody in the second");
    room.blind = false;
    assert_eq!(Minutes::of(&room, &all).items[0].rounds.len(), 1, "but in an open room all see it");
    room.blind = true;
    reveal(&mut room, &item, &all[3..]).expect("revealed");
    decide(&mut room, &item, json!({ "likelihood": 3, "impact": 3 }), &all[3..]).expect("decided");
    let minutes = Minutes::of(&room, &all);
    assert_eq!((minutes.items[0].rounds.len(), minutes.divided.len()), (2, 0), "the last round counts");
    let places: Vec<_> = minutes.places.iter().map(|place| (place.likelihood, place.impact, place.before, place.after)).collect();
    assert_eq!(places, [(3, 3, 0, 1), (4, 4, 1, 0)]);
}

#[test]
fn a_seal_changes_with_any_vote_and_not_with_their_order() {
    let mut all = votes("i", 1, &[Some((1, 2)), None]);
    let sealed = sealed_text(&all);
    all.reverse();
    assert_eq!(sealed_text(&all), sealed);
    let changes: [fn(&mut Vote); 4] = [
        |vote| vote.cell = Some(Judgement { likelihood: 5, impact: 5 }),
        |vote| vote.comment = Some("x".into()),
        |vote| vote.seat_id = "other".into(),
        |vote| vote.salt = "other".into(),
    ];
    for change in changes {
        let mut changed = all.clone();
        change(&mut changed[0]);
        assert_ne!(sealed_text(&changed), sealed);
    }
}
