//! The sample's risks: where each stands on the map, and what is written about it.

use super::SampleRisk;
use super::rng::Rng;
use super::stock::{Line, Named, Stock, named, names};
use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp};

/// How many risks the sample holds.
pub(super) const COUNT: usize = 1243;
/// Risks in each cell of the current assessment: rows are likelihood from 1, columns impact from 1.
pub(super) const CELLS: [[usize; 5]; 5] =
    [[85, 77, 53, 33, 22], [60, 116, 96, 48, 19], [47, 104, 132, 63, 17], [22, 58, 71, 34, 9], [9, 21, 24, 11, 3]];
/// Risks without an assessment.
pub(super) const UNASSESSED: usize = 9;
/// Scores above it need treatment or a signed acceptance.
pub(super) const APPETITE: u8 = 10;
const TOLERANCE: u8 = 16;

type Cell = (u8, u8);

pub(super) fn score(cell: Cell) -> u8 {
    cell.0 * cell.1
}

/// Every risk in the order of its reference.
pub(super) fn all(today: Date, rng: &mut Rng) -> Vec<SampleRisk> {
    let stock = Stock::read();
    let mut places: Vec<Option<SampleRisk>> = std::iter::repeat_with(|| None).take(COUNT).collect();
    let mut cells = CELLS;
    for risk in named() {
        let (likelihood, impact) = risk.cells[0];
        let count = &mut cells[usize::from(likelihood) - 1][usize::from(impact) - 1];
        *count = count.saturating_sub(1);
        if let Some(place) = risk.number.checked_sub(1).and_then(|at| places.get_mut(at)) {
            *place = Some(written(&stock, risk, today));
        }
    }
    let mut drawn = spread(names(), cells, rng).into_iter();
    let mut risks = Vec::with_capacity(COUNT);
    for (at, place) in places.into_iter().enumerate() {
        let next = place.or_else(|| drawn.next().map(|(line, cell)| composed(&stock, line, cell, today, rng)));
        if let Some(mut risk) = next {
            risk.created = created(today, at, rng);
            risks.push(risk);
        }
    }
    risks
}

/// Gives every name a cell, so that the map has its counts and a name stands near its hint.
fn spread(mut lines: Vec<Line>, cells: [[usize; 5]; 5], rng: &mut Rng) -> Vec<(Line, Option<Cell>)> {
    rng.shuffle(&mut lines);
    let near = |step: u8, rng: &mut Rng| usize::from(step) * 100 + rng.below(100);
    let fresh: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].hint.1 == 3 && lines[*at].description.is_none()).collect();
    let fresh: Vec<Line> = fresh.into_iter().rev().take(UNASSESSED).map(|at| lines.remove(at)).collect();
    lines.sort_by_cached_key(|line| near(line.hint.1, rng));
    let mut lines = lines.into_iter();
    let mut drawn = Vec::new();
    for impact in 1..=5_u8 {
        let column = usize::from(impact) - 1;
        let total = cells.iter().map(|row| row[column]).sum();
        let mut names: Vec<Line> = lines.by_ref().take(total).collect();
        names.sort_by_cached_key(|line| near(line.hint.0, rng));
        let mut names = names.into_iter();
        for (likelihood, row) in (1..=5_u8).zip(&cells) {
            drawn.extend(names.by_ref().take(row[column]).map(|line| (line, Some((likelihood, impact)))));
        }
    }
    rng.shuffle(&mut drawn);
    for (back, line) in fresh.into_iter().enumerate() {
        drawn.insert(drawn.len().saturating_sub(back * 4 + 2), (line, None));
    }
    drawn
}

/// A risk that is written out in full.
fn written(stock: &Stock, risk: Named, today: Date) -> SampleRisk {
    let [current, inherent, residual, target] = risk.cells;
    SampleRisk {
        name: risk.name.to_owned(),
        description: Some(risk.description.to_owned()),
        category: risk.category.to_owned(),
        owner: Some(risk.owner.to_owned()),
        status: risk.status,
        treatment: risk.treatment,
        current: Some(current),
        inherent: Some(inherent),
        residual: Some(residual),
        target: Some(target),
        rationale: Some(risk.rationale.to_owned()),
        tags: tags(stock.topics(risk.name, risk.category).tags, Some(current)),
        review_date: day(today, risk.review_in),
        created: Timestamp::UNIX_EPOCH,
        controls: risk.controls,
    }
}

fn tags(mut tags: Vec<String>, current: Option<Cell>) -> Vec<String> {
    if current.is_some_and(|cell| score(cell) > TOLERANCE) {
        tags.push("key risk".to_owned());
    }
    tags
}

/// A risk whose circumstances follow from its cell.
fn composed(stock: &Stock, line: Line, current: Option<Cell>, today: Date, rng: &mut Rng) -> SampleRisk {
    let owners = stock.owners(line.category);
    let owner = if rng.chance(45) { owners.first().copied() } else { rng.pick(&owners) };
    let topics = stock.topics(line.name, line.category);
    let course = course(stock, line.category, current, rng);
    let inherent =
        current.filter(|_| !rng.chance(4)).map(|cell| (raised(cell.0, &[0, 0, 1, 1, 1, 2], rng), raised(cell.1, &[0, 0, 0, 1], rng)));
    let residual = current.and_then(|cell| residual(cell, course, rng));
    let target = residual.and_then(|cell| target(cell, course, rng));
    let linked = if course.treatment == "open" { rng.below(2) } else { 1 + rng.below(4) };
    SampleRisk {
        name: line.name.to_owned(),
        description: description(stock, line, course, rng),
        category: line.category.to_owned(),
        owner: owner.filter(|_| current.is_some() || rng.chance(40)).map(str::to_owned),
        status: course.status,
        treatment: course.treatment,
        current,
        inherent,
        residual,
        target,
        rationale: current.and_then(|cell| rationale(stock, cell, course, rng)),
        tags: tags(topics.tags, current),
        review_date: current.filter(|_| course.status != "closed").and_then(|cell| day(today, review_in(cell, rng))),
        created: Timestamp::UNIX_EPOCH,
        controls: topics.controls.into_iter().take(linked).collect(),
    }
}

/// What is done about a risk and how far that is.
#[derive(Clone, Copy)]
struct Course {
    treatment: &'static str,
    status: &'static str,
}

fn course(stock: &Stock, category: &str, current: Option<Cell>, rng: &mut Rng) -> Course {
    let Some(cell) = current else { return Course { treatment: "open", status: "identified" } };
    let score = score(cell);
    if score <= 6 && rng.chance(2) {
        return Course { treatment: "mitigate", status: "closed" };
    }
    let possible = |treatment: &str, weight| if stock.plans(&format!("{treatment} {category}")).is_empty() { 0 } else { weight };
    let (transfer, avoid) = (possible("transfer", 16), possible("avoid", 5));
    let treatment = match score {
        17.. => rng.weighted(&[("mitigate", 85), ("transfer", transfer), ("open", 5)]),
        11..=16 => rng.weighted(&[("mitigate", 78), ("transfer", transfer), ("open", 6), ("avoid", avoid), ("accept", 3)]),
        7..=10 => rng.weighted(&[("mitigate", 50), ("accept", 30), ("transfer", transfer), ("open", 7), ("avoid", avoid)]),
        0..=6 => rng.weighted(&[("accept", 60), ("mitigate", 24), ("transfer", transfer / 2), ("open", 8), ("avoid", avoid / 2)]),
    };
    let treatment = treatment.unwrap_or("open");
    let settled = if score > APPETITE { 8 } else { 30 };
    let status = match treatment {
        "open" if rng.chance(50) => "identified",
        "open" => "analysed",
        "accept" => "monitored",
        "transfer" if rng.chance(60) => "monitored",
        "mitigate" if rng.chance(settled) => "monitored",
        _ => "in_treatment",
    };
    Course { treatment, status }
}

fn raised(step: u8, by: &[u8], rng: &mut Rng) -> u8 {
    step.saturating_add(rng.pick(by).unwrap_or(0)).min(5)
}

fn lowered(step: u8, by: &[u8], rng: &mut Rng) -> u8 {
    step.saturating_sub(rng.pick(by).unwrap_or(0)).max(1)
}

/// What is expected once all planned actions are done: never above the current assessment.
fn residual(cell: Cell, course: Course, rng: &mut Rng) -> Option<Cell> {
    match (course.treatment, course.status) {
        ("open", _) => None,
        ("mitigate", "in_treatment") => Some((lowered(cell.0, &[1, 1, 1, 2], rng), lowered(cell.1, &[0, 0, 1], rng))),
        ("transfer", "in_treatment") => Some((cell.0, lowered(cell.1, &[1], rng))),
        ("avoid", "in_treatment") => Some((1, cell.1)),
        _ => Some(cell),
    }
}

/// What the owner aims for.
fn target(cell: Cell, course: Course, rng: &mut Rng) -> Option<Cell> {
    match course.treatment {
        "mitigate" => Some((lowered(cell.0, &[0, 0, 1], rng), cell.1)),
        _ if rng.chance(15) => None,
        _ => Some(cell),
    }
}

fn description(stock: &Stock, line: Line, course: Course, rng: &mut Rng) -> Option<String> {
    if let Some(text) = line.description {
        return Some(text.to_owned());
    }
    if course.status == "closed" || !rng.chance(60) {
        return None;
    }
    let origin = rng.pick(&stock.phrases("origin"))?;
    let action = match course.treatment {
        "mitigate" => rng.pick(&stock.plans(line.category)),
        other => rng.pick(&stock.plans(&format!("{other} {}", line.category))),
    };
    Some(action.map_or_else(|| origin.to_owned(), |action| format!("{origin} {action}")))
}

fn rationale(stock: &Stock, cell: Cell, course: Course, rng: &mut Rng) -> Option<String> {
    let reason = match course.treatment {
        _ if course.status == "closed" => rng.pick(&stock.phrases("closed")),
        "accept" => rng.pick(&stock.phrases(if score(cell) > APPETITE { "above" } else { "accept" })),
        _ => None,
    };
    if reason.is_none() && score(cell) <= APPETITE && rng.chance(35) {
        return None;
    }
    let likelihood = rng.pick(&stock.phrases(&format!("L{}", cell.0)));
    let impact = rng.pick(&stock.phrases(&format!("I{}", cell.1)));
    Some([likelihood, impact, reason].into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// Days until the next review: sooner where more is at stake, a few overdue, a few close.
fn review_in(cell: Cell, rng: &mut Rng) -> i32 {
    match rng.below(100) {
        0..=3 => rng.between(-40, -1),
        4..=8 => rng.between(1, 13),
        _ => match score(cell) {
            17.. => rng.between(3, 60),
            11..=16 => rng.between(10, 150),
            7..=10 => rng.between(20, 240),
            0..=6 => rng.between(40, 365),
        },
    }
}

fn day(today: Date, days: i32) -> Option<Date> {
    today.checked_add(Span::new().days(days)).ok()
}

/// Risks were entered on working days over the last thousand days, in the order of their references.
fn created(today: Date, at: usize, rng: &mut Rng) -> Timestamp {
    const WORKING_DAYS: usize = 713;
    let start = day(today, -1000).unwrap_or(today);
    let back = i32::from(start.weekday().since(Weekday::Monday));
    let spread = at * (WORKING_DAYS - 1);
    let (working_day, rest) = (spread / (COUNT - 1), spread % (COUNT - 1));
    let days = working_day / 5 * 7 + working_day % 5;
    let minutes = 7 * 60 + rest * 480 / (COUNT - 1) + rng.below(240);
    super::moment(start, i64::try_from(days).unwrap_or(0) - i64::from(back), i64::try_from(minutes).unwrap_or(0))
}
