//! Webhooks: whom to tell of which events, when to try again, when to give up (Standard Webhooks).

use crate::input::{Input, Patch, Problems, set};
use crate::target;
use crate::time::{instant, instant_option};
use crate::words::Word;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

crate::words! {
    /// What others can be told of.
    EventType {
        /// A risk came into being.
        RiskCreated = "risk.created",
        /// A risk changed.
        RiskUpdated = "risk.updated",
        /// An incident was reported.
        IncidentCreated = "incident.created",
        /// An incident arrived at resolved.
        IncidentResolved = "incident.resolved",
        /// An assessment was completed.
        AssessmentCompleted = "assessment.completed",
        /// An audit has a new finding.
        AuditFinding = "audit.finding",
    }
}

crate::words! {
    /// Why deliveries to a webhook ended by themselves.
    DisabledReason {
        /// The receiver answered 410 Gone.
        Gone = "gone",
        /// A delivery failed ten times over three days, and no other arrived meanwhile.
        Failing = "failing",
    }
}

crate::words! {
    /// Where a delivery stands.
    DeliveryState {
        /// It waits for its next try.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
        /// It is not tried again.
        Failed = "failed",
    }
}

/// The event that a person sends to see whether a webhook works.
pub const TEST_EVENT: &str = "webhook.test";

/// Whom to tell of which events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// UUIDv7.
    pub id: String,
    /// Where to send.
    #[schema(example = "https://example.com/hooks/amtia")]
    pub url: String,
    /// What to tell.
    pub events: Vec<EventType>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether events are sent; false while it is paused or disabled.
    pub active: bool,
    /// An administrator's consent to a target on this device or its network.
    pub allow_private: bool,
    /// Why deliveries ended by themselves; null while active or paused by a person.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Timestamp>,
    /// Until when deliveries are signed with the previous secret too.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub previous_secret_until: Option<Timestamp>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Fields of a webhook that a client never sets.
const READ_ONLY: &[&str] = &["id", "disabled_reason", "disabled_at", "previous_secret_until", "waiting", "created_at", "updated_at"];

/// A webhook to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewWebhook {
    /// Where to send: https, or by `allow_private` also http and a target on this device or its network.
    #[schema(max_length = 2000)]
    pub url: String,
    /// What to tell.
    #[schema(min_items = 1)]
    pub events: Vec<EventType>,
    /// What it is for.
    #[schema(max_length = 20000)]
    pub description: Option<String>,
    /// Whether to begin at once; true if left out.
    #[serde(default)]
    #[schema(default = true)]
    pub active: bool,
    /// An administrator's consent to a target on this device or its network; false if left out.
    #[serde(default)]
    #[schema(default = false)]
    pub allow_private: bool,
}

/// The fields of a webhook that may be written. Absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WebhookPatch {
    /// Where to send. A new target loses the consent to private addresses, unless it is given anew.
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub url: Option<String>,
    /// What to tell.
    #[schema(value_type = Option<Vec<EventType>>, min_items = 1)]
    pub events: Option<Vec<EventType>>,
    /// What it is for.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<String>,
    /// Whether events are sent. Setting it ends a disablement.
    pub active: Option<bool>,
    /// Consent to a target on this device or its network.
    pub allow_private: Option<bool>,
}

impl WebhookPatch {
    /// Reads a body.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(fields: Map<String, Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(fields);
        for field in ["url", "events"] {
            if creating && !input.has(field) {
                input.problems.add(field, "is required");
            }
        }
        let url = input.text("url");
        if url == Some(None) {
            input.problems.add("url", "must not be empty");
        }
        let events = input.list("events").and_then(|words| {
            let events: Option<Vec<EventType>> = words.iter().map(|word| EventType::from_word(word)).collect();
            if events.as_ref().is_none_or(Vec::is_empty) {
                input.problems.add("events", format!("must be one or more of: {}", EventType::list()));
            }
            events
        });
        let description = input.text("description");
        let mut flag = |field: &str| if input.has(field) { input.flag(field) } else { None };
        let (active, allow_private) = (flag("active"), flag("allow_private"));
        let patch = Self { url: url.flatten(), events, description, active, allow_private };
        if creating && let Some(url) = &patch.url {
            // With the other fields, so that every offending one is told at once.
            if let Err(why) = target::read(url, patch.allow_private.unwrap_or(false)) {
                input.problems.add("url", why);
            }
        }
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl Webhook {
    /// A new webhook.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(patch: WebhookPatch, id: String, now: Timestamp) -> Result<Self, Problems> {
        let mut webhook = Self {
            id,
            url: String::new(),
            events: Vec::new(),
            description: None,
            active: true,
            allow_private: false,
            disabled_reason: None,
            disabled_at: None,
            previous_secret_until: None,
            created_at: now,
            updated_at: now,
        };
        webhook.apply(patch, now)?;
        Ok(webhook)
    }

    /// Changes the fields that are present.
    ///
    /// # Errors
    /// A target that may not be sent to.
    pub fn apply(&mut self, patch: WebhookPatch, now: Timestamp) -> Result<(), Problems> {
        let moved = patch.url.as_ref().is_some_and(|url| *url != self.url);
        // Consent is given to one target.
        let consent = patch.allow_private.unwrap_or(self.allow_private && !moved);
        let url = patch.url.unwrap_or_else(|| self.url.clone());
        target::read(&url, consent).map_err(|why| Problems::one("url", why))?;
        (self.url, self.allow_private) = (url, consent);
        set(&mut self.events, patch.events);
        set(&mut self.description, patch.description);
        if let Some(active) = patch.active {
            self.active = active;
            (self.disabled_reason, self.disabled_at) = (None, None);
        }
        self.updated_at = now;
        Ok(())
    }

    /// Ends deliveries, visibly.
    pub fn disable(&mut self, reason: DisabledReason, now: Timestamp) {
        self.active = false;
        (self.disabled_reason, self.disabled_at) = (Some(reason), Some(now));
        self.updated_at = now;
    }
}

/// How often an event is tried.
pub const TRIES: u32 = 10;
/// The waits between tries, in seconds: 75 hours and 35 minutes in all.
const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// How long both secrets sign after a rotation.
pub const BOTH_SECRETS: SignedDuration = SignedDuration::from_hours(24);
/// A try that begins this long after it was due is a late one: the device slept, or was off.
pub const LATE: SignedDuration = SignedDuration::from_secs(60);

/// How long to wait after so many failed tries; `None` when that was the last. `chance` is any number: it spreads the waits
/// by a tenth either way, so that receivers that come back are not met by everybody at once.
#[must_use]
pub fn wait(failed: u32, chance: u32) -> Option<SignedDuration> {
    let seconds = usize::try_from(failed).ok().and_then(|failed| WAITS.get(failed.checked_sub(1)?)).copied()?;
    Some(SignedDuration::from_millis(seconds * (900 + i64::from(chance % 201))))
}

/// Whether a try at `now` is a late one.
#[must_use]
pub fn is_late(due: Timestamp, now: Timestamp) -> bool {
    now.duration_since(due) > LATE
}

/// What follows from a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Try again after this long.
    Again(SignedDuration),
    /// This delivery has failed; others go on.
    GiveUp,
    /// The receiver is gone, or has been failing for days: deliveries end until a person says otherwise.
    Disable(DisabledReason),
}

/// What a try is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// The status answered, if anything was.
    pub status: Option<u16>,
    /// Tries so far, this one included.
    pub tries: u32,
    /// A test is tried once.
    pub once: bool,
    /// Whether anything else has reached the receiver since the first of these tries.
    pub alive: bool,
    /// Any number, for [`wait`].
    pub chance: u32,
}

/// Judges a try: only 2xx is success.
#[must_use]
pub fn judge(tried: Tried) -> Verdict {
    match tried.status {
        Some(200..=299) => Verdict::Delivered,
        Some(410) => Verdict::Disable(DisabledReason::Gone),
        _ if tried.once => Verdict::GiveUp,
        _ => match wait(tried.tries, tried.chance) {
            Some(wait) => Verdict::Again(wait),
            None if tried.alive => Verdict::GiveUp,
            None => Verdict::Disable(DisabledReason::Failing),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("in range")
    }

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    fn made(value: Value) -> Result<Webhook, Problems> {
        Webhook::create(WebhookPatch::read(body(value), true)?, "id".into(), at(0))
    }

    fn fields(problems: Problems) -> Vec<String> {
        let mut fields: Vec<String> = problems.0.into_iter().map(|problem| problem.field).collect();
        fields.sort();
        fields
    }

    #[test]
    fn every_offending_field_is_told_at_once() {
        let refused =
            made(json!({ "url": "http://example.com", "events": ["risk.exploded"], "active": "yes", "colour": 1 })).expect_err("wrong");
        assert_eq!(fields(refused), ["active", "colour", "events", "url"], "each of them");
        assert_eq!(fields(made(json!({})).expect_err("empty")), ["events", "url"], "and what is missing");
        assert_eq!(fields(made(json!({ "url": null, "events": [] })).expect_err("empty")), ["events", "url"], "or emptied");
        let webhook = made(json!({ "url": "https://example.com/in", "events": ["risk.created", "risk.created"] })).expect("good");
        assert_eq!((webhook.events.as_slice(), webhook.active, webhook.allow_private), ([EventType::RiskCreated].as_slice(), true, false));
    }

    #[test]
    fn consent_is_given_to_one_target() {
        let mut webhook =
            made(json!({ "url": "http://10.0.0.5/in", "events": ["risk.created"], "allow_private": true })).expect("by consent");
        let change = |webhook: &mut Webhook, value: Value| webhook.apply(WebhookPatch::read(body(value), false)?, at(1));
        assert!(change(&mut webhook, json!({ "url": "http://10.0.0.6/in" })).is_err(), "another target needs its own");
        assert_eq!(webhook.url, "http://10.0.0.5/in", "and nothing was changed");
        assert!(change(&mut webhook, json!({ "allow_private": false })).is_err(), "consent is not taken from a target that needs it");
        change(&mut webhook, json!({ "url": "https://example.com/in" })).expect("a public target needs none");
        assert!(!webhook.allow_private, "and has none");
        change(&mut webhook, json!({ "url": "http://10.0.0.6/in", "allow_private": true })).expect("given anew");
    }

    #[test]
    fn setting_it_active_ends_a_disablement() {
        let mut webhook = made(json!({ "url": "https://example.com/in", "events": ["risk.created"] })).expect("good");
        webhook.disable(DisabledReason::Gone, at(5));
        assert_eq!((webhook.active, webhook.disabled_reason, webhook.disabled_at), (false, Some(DisabledReason::Gone), Some(at(5))));
        webhook.apply(WebhookPatch { active: Some(true), ..WebhookPatch::default() }, at(6)).expect("switched on");
        assert_eq!((webhook.active, webhook.disabled_reason, webhook.disabled_at), (true, None, None));
    }

    #[test]
    fn ten_tries_take_about_seventy_five_hours_on_a_virtual_clock() {
        for chance in [0, 57, 100, 143, 200, u32::MAX] {
            let (mut now, mut tries) = (at(0), 0);
            loop {
                tries += 1;
                match judge(Tried { status: Some(503), tries, once: false, alive: false, chance }) {
                    Verdict::Again(wait) => now += wait,
                    end => {
                        assert_eq!(end, Verdict::Disable(DisabledReason::Failing), "after the last try");
                        break;
                    }
                }
            }
            let hours = now.duration_since(at(0)).as_hours();
            assert!(tries == TRIES && (68..=83).contains(&hours), "chance {chance}: {tries} tries in {hours} h");
        }
        let nominal: i64 = WAITS.iter().sum();
        assert_eq!(nominal / 3600, 75, "without chance");
    }

    #[test]
    fn waits_are_spread_by_a_tenth_either_way_and_never_more() {
        for failed in 1..TRIES {
            let nominal = WAITS[failed as usize - 1] * 1000;
            let all: Vec<i64> = (0..5_000).map(|chance| wait(failed, chance * 7919).expect("a wait").as_millis() as i64).collect();
            let (least, most) = (all.iter().min().expect("some"), all.iter().max().expect("some"));
            assert_eq!((*least, *most), (nominal * 9 / 10, nominal * 11 / 10), "after {failed}");
        }
        assert_eq!((wait(0, 1), wait(TRIES, 1), wait(u32::MAX, 1)), (None, None, None), "no wait before a try or after the last");
    }

    #[test]
    fn only_2xx_is_success_and_410_ends_it() {
        let judged = |status, tries, once, alive| judge(Tried { status, tries, once, alive, chance: 100 });
        for status in [200, 201, 204, 299] {
            assert_eq!(judged(Some(status), 10, false, false), Verdict::Delivered, "{status}");
        }
        for status in [100, 199, 301, 302, 304, 307, 308, 400, 401, 404, 408, 429, 500, 503, 599] {
            assert_eq!(judged(Some(status), 1, false, false), Verdict::Again(SignedDuration::from_secs(5)), "{status}");
        }
        assert_eq!(judged(None, 2, false, false), Verdict::Again(SignedDuration::from_secs(300)), "no answer");
        assert_eq!(judged(Some(410), 1, false, true), Verdict::Disable(DisabledReason::Gone), "gone, at once");
        assert_eq!(judged(None, 10, false, true), Verdict::GiveUp, "others arrive, so the receiver is not failing as a whole");
        assert_eq!(judged(Some(500), 1, true, false), Verdict::GiveUp, "a test is tried once");
    }

    #[test]
    fn a_try_is_late_when_the_device_slept() {
        assert!(!is_late(at(0), at(0)) && !is_late(at(0), at(60)) && !is_late(at(10), at(0)), "in time");
        assert!(is_late(at(0), at(61)), "a minute after it was due");
    }
}
