//! What a round of votes says: medians, spread, agreement and who stands apart.

use super::{Seat, Vote};
use crate::risk::Judgement;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// How far a room agrees. A vote is near when neither axis is more than a step from its median.
    Agreement {
        /// Nobody judged.
        None = "none",
        /// One cell.
        Unanimous = "unanimous",
        /// At least three votes of four are near.
        Close = "close",
        /// At least half of them are.
        Mixed = "mixed",
        /// Fewer are.
        Divided = "divided",
    }
}

/// What the votes say of one axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AxisTally {
    /// The middle vote; of an even number the higher one of the two in the middle, which asks for more care.
    pub median: u8,
    /// The lowest.
    pub lowest: u8,
    /// The highest.
    pub highest: u8,
    /// Steps between the lowest and the highest.
    pub spread: u8,
}

impl AxisTally {
    fn of(mut steps: Vec<u8>) -> Option<Self> {
        steps.sort_unstable();
        let (lowest, highest) = (*steps.first()?, *steps.last()?);
        let median = *steps.get(steps.len() / 2)?;
        Some(Self { median, lowest, highest, spread: highest - lowest })
    }
}

/// How many votes one cell has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopCellVotes)]
pub struct CellVotes {
    /// A whole step of the likelihood scale, from 1.
    pub likelihood: u8,
    /// A whole step of the impact scale, from 1.
    pub impact: u8,
    /// Votes.
    pub count: u32,
    /// Whether it is more than a step from the medians.
    pub apart: bool,
}

/// What a round of votes says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopTally)]
pub struct Tally {
    /// How many judged.
    pub votes: u32,
    /// How many said that they cannot.
    pub cannot_judge: u32,
    /// Null where nobody judged.
    pub likelihood: Option<AxisTally>,
    /// Null where nobody judged.
    pub impact: Option<AxisTally>,
    /// The cells with votes, by likelihood and impact.
    pub cells: Vec<CellVotes>,
    /// How many votes are within a step of both medians.
    pub near: u32,
    /// How far the room agrees.
    pub agreement: Agreement,
}

impl Tally {
    /// Counts the votes of one round.
    #[must_use]
    pub fn of(votes: &[&Vote]) -> Self {
        let judged: Vec<Judgement> = votes.iter().filter_map(|vote| vote.cell).collect();
        let likelihood = AxisTally::of(judged.iter().map(|cell| cell.likelihood).collect());
        let impact = AxisTally::of(judged.iter().map(|cell| cell.impact).collect());
        let median = likelihood.as_ref().zip(impact.as_ref()).map(|(one, other)| (one.median, other.median));
        let is_near = |cell: &Judgement| {
            median.is_some_and(|(likelihood, impact)| cell.likelihood.abs_diff(likelihood) <= 1 && cell.impact.abs_diff(impact) <= 1)
        };
        let mut cells: Vec<CellVotes> = Vec::new();
        for cell in &judged {
            let place = (cell.likelihood, cell.impact);
            match cells.iter_mut().find(|have| (have.likelihood, have.impact) == place) {
                Some(have) => have.count += 1,
                None => cells.push(CellVotes { likelihood: place.0, impact: place.1, count: 1, apart: !is_near(cell) }),
            }
        }
        cells.sort_by_key(|cell| (cell.likelihood, cell.impact));
        let (count, near) = (number(judged.len()), number(judged.iter().filter(|cell| is_near(cell)).count()));
        let agreement = match (count, cells.len()) {
            (0, _) => Agreement::None,
            (_, 1) => Agreement::Unanimous,
            _ if near * 4 >= count * 3 => Agreement::Close,
            _ if near * 2 >= count => Agreement::Mixed,
            _ => Agreement::Divided,
        };
        Self { votes: count, cannot_judge: number(votes.len()) - count, likelihood, impact, cells, near, agreement }
    }

    /// The cell of both medians.
    #[must_use]
    pub fn median(&self) -> Option<Judgement> {
        let (likelihood, impact) = (self.likelihood.as_ref()?.median, self.impact.as_ref()?.median);
        Some(Judgement { likelihood, impact })
    }

    /// Whether a vote stands apart from the room.
    #[must_use]
    pub fn is_apart(&self, vote: &Vote) -> bool {
        vote.cell.is_some_and(|cell| {
            self.cells.iter().any(|have| have.apart && (have.likelihood, have.impact) == (cell.likelihood, cell.impact))
        })
    }
}

/// What one group of participants says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopGroupTally)]
pub struct GroupTally {
    /// Its name.
    pub group: String,
    /// How many of it judged.
    pub votes: u32,
    /// Its votes for the likelihood.
    pub likelihood: AxisTally,
    /// Its votes for the impact.
    pub impact: AxisTally,
}

/// Votes below which an anonymous group is not told of: it would be told who voted what.
const HIDDEN_BELOW: u32 = 3;

impl GroupTally {
    /// The votes of one round by group, in the order of the seats. Without names, groups of fewer than three votes are left out,
    /// and so is what a single group left out would give away.
    #[must_use]
    pub fn of(votes: &[&Vote], seats: &[Seat], anonymous: bool) -> Vec<Self> {
        let mut names: Vec<&str> = Vec::new();
        for seat in seats {
            if let Some(group) = seat.group.as_deref()
                && !names.contains(&group)
            {
                names.push(group);
            }
        }
        if names.len() < 2 {
            return Vec::new();
        }
        let in_group = |vote: &Vote, name: &str| seats.iter().any(|seat| seat.id == vote.seat_id && seat.group.as_deref() == Some(name));
        let judged = votes.iter().filter(|vote| vote.cell.is_some()).count();
        let mut groups = Vec::new();
        for name in names {
            let of_group: Vec<&Vote> = votes.iter().copied().filter(|vote| in_group(vote, name)).collect();
            let tally = Tally::of(&of_group);
            if let (Some(likelihood), Some(impact)) = (tally.likelihood, tally.impact) {
                groups.push(Self { group: name.to_owned(), votes: tally.votes, likelihood, impact });
            }
        }
        if anonymous {
            groups.retain(|group| group.votes >= HIDDEN_BELOW);
            let left = number(judged) - groups.iter().map(|group| group.votes).sum::<u32>();
            if (1..HIDDEN_BELOW).contains(&left) {
                return Vec::new();
            }
        }
        groups
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
