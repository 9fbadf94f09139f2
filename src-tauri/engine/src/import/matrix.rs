//! The risk matrices of a CISO Assistant library: `objects.risk_matrix`, each with `probability`, `impact`, `risk` and
//! `grid[probability][impact]`, which counts into `risk`. What order its steps have is the file's own, the lowest first.

use super::detect::{self, Syntax};
use super::refusal::Refusal;
use super::{MAX_BYTES, ciso, filled};
use amtia_domain::colour::Rgb;
use amtia_domain::matrix::{Level, LevelLabel, LikelihoodUnit, Matrix, STEPS_MAX, STEPS_MIN, Step};
use amtia_domain::words::Word;
use amtia_domain::{FieldProblem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A risk matrix that a file holds.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReadMatrix {
    /// What the file calls it.
    pub name: String,
    /// What the file says of it.
    pub description: Option<String>,
    /// The matrix; null where it cannot be one here.
    pub matrix: Option<Matrix>,
    /// Why it cannot.
    pub problems: Vec<FieldProblem>,
}

#[derive(Deserialize)]
struct Library {
    objects: Option<Objects>,
}

#[derive(Deserialize)]
struct Objects {
    #[serde(default, alias = "risk_matrices")]
    risk_matrix: OneOrMany,
}

/// Older libraries hold one, newer ones a list.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    None,
    Many(Vec<Drawn>),
    One(Box<Drawn>),
}

#[derive(Deserialize)]
struct Drawn {
    name: Option<String>,
    ref_id: Option<String>,
    description: Option<String>,
    #[serde(default)]
    probability: Vec<Member>,
    #[serde(default)]
    impact: Vec<Member>,
    #[serde(default)]
    risk: Vec<Member>,
    #[serde(default)]
    grid: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
struct Member {
    id: Option<usize>,
    name: Option<String>,
    abbreviation: Option<String>,
    description: Option<String>,
    hexcolor: Option<String>,
}

/// Reads every risk matrix of a library.
///
/// # Errors
/// Why the file is none, or holds no matrix.
pub fn read_matrices(bytes: &[u8]) -> Result<Vec<ReadMatrix>, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    let text = detect::text(bytes)?;
    // JSON is YAML; what is neither is named.
    let (Syntax::Json | Syntax::Yaml) = detect::sniff(&text, "")?;
    let library: Library = serde_saphyr::from_str_with_options(&text, ciso::options()).map_err(|error| ciso::refusal(&error, &text))?;
    let drawn = match library.objects.map(|objects| objects.risk_matrix) {
        Some(OneOrMany::Many(many)) => many,
        Some(OneOrMany::One(one)) => vec![*one],
        Some(OneOrMany::None) | None => Vec::new(),
    };
    if drawn.is_empty() {
        return Err(Refusal::NoMatrix);
    }
    Ok(drawn.into_iter().map(read).collect())
}

/// The levels that so many of them are here: of few, those in the middle of the scale and above.
fn levels(count: usize) -> Option<&'static [Level]> {
    match count {
        2 => Some(&[Level::Low, Level::High]),
        3 => Some(&[Level::Low, Level::Medium, Level::High]),
        4 => Some(&[Level::Low, Level::Medium, Level::High, Level::Critical]),
        5 => Some(Level::ALL),
        _ => None,
    }
}

fn label(member: &Member, place: usize) -> String {
    let name = filled(member.name.as_deref()).or_else(|| filled(member.abbreviation.as_deref()));
    name.map_or_else(|| (place + 1).to_string(), |name| name.chars().take(60).collect())
}

fn steps(members: &[Member]) -> Vec<Step> {
    let step = |(place, member): (usize, &Member)| Step {
        value: 0,
        key: String::new(),
        label: label(member, place),
        detail: String::new(),
        description: filled(member.description.as_deref()).map(|text| text.chars().take(2_000).collect()).unwrap_or_default(),
        low: None,
        high: None,
    };
    members.iter().enumerate().map(step).collect()
}

fn read(drawn: Drawn) -> ReadMatrix {
    let name = filled(drawn.name.as_deref()).or_else(|| filled(drawn.ref_id.as_deref())).unwrap_or_else(|| "?".to_owned());
    let description = filled(drawn.description.as_deref());
    let (matrix, problems) = match matrix(&drawn) {
        Ok(matrix) => (Some(matrix), Vec::new()),
        Err(problems) => (None, problems.0),
    };
    ReadMatrix { name, description, matrix, problems }
}

fn matrix(drawn: &Drawn) -> Result<Matrix, Problems> {
    let mut problems = Problems::default();
    for (field, members) in [("probability", &drawn.probability), ("impact", &drawn.impact)] {
        if !(STEPS_MIN..=STEPS_MAX).contains(&members.len()) {
            problems.add(field, format!("must have {STEPS_MIN} to {STEPS_MAX} steps"));
        }
    }
    let Some(levels) = levels(drawn.risk.len()) else {
        problems.add("risk", "must be two to five levels, the lowest first");
        return Err(problems);
    };
    // The grid counts by `id` where the levels have one, and by place where they have none.
    let place = |wanted: usize| {
        drawn.risk.iter().position(|member| member.id == Some(wanted)).or(if drawn.risk.iter().any(|member| member.id.is_some()) {
            None
        } else {
            Some(wanted)
        })
    };
    let rows: Option<Vec<Vec<Level>>> =
        drawn.grid.iter().map(|row| row.iter().map(|wanted| levels.get(place(*wanted)?).copied()).collect()).collect();
    let Some(grid) = rows.filter(|grid| grid.len() == drawn.probability.len() && grid.iter().all(|row| row.len() == drawn.impact.len()))
    else {
        problems.add("grid", "must have a row for each step of likelihood and in it a level for each step of impact");
        return Err(problems);
    };
    problems.check()?;
    let mut names: Vec<LevelLabel> = drawn
        .risk
        .iter()
        .zip(levels)
        .enumerate()
        .map(|(place, (member, level))| LevelLabel {
            level: *level,
            label: label(member, place),
            colour: member.hexcolor.as_deref().and_then(Rgb::parse).map(|colour| colour.to_string()),
        })
        .collect();
    // Some with and some without one would be a palette that nobody chose.
    if names.iter().any(|name| name.colour.is_none()) {
        names.iter_mut().for_each(|name| name.colour = None);
    }
    let mut matrix = Matrix {
        likelihood: steps(&drawn.probability),
        impact: steps(&drawn.impact),
        likelihood_unit: LikelihoodUnit::Probability,
        currency: "EUR".into(),
        levels: names,
        grid,
        appetite: 0,
        tolerance: 0,
    };
    // CISO Assistant knows neither line: they are drawn where they part the levels best.
    let half = levels[levels.len().div_ceil(2).min(levels.len() - 1)];
    let top = levels[levels.len() - 1];
    matrix.appetite = matrix.line_below(half);
    matrix.tolerance = matrix.line_below(top).max(matrix.appetite);
    matrix.tidy();
    matrix.check()?;
    Ok(matrix)
}
