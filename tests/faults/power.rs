//! The power goes while the server writes.

use std::sync::Arc;

use super::ledger::Ledger;
use super::program::{Server, Workspace, key, said};
use super::shim::Cut;
use super::{Numbers, alone, rounds};

/// A workspace goes through this many sudden ends before a new one takes its place.
const ENDS: u32 = 25;
const WRITERS: usize = 4;

/// Writes until the power goes, then looks with a healthy machine what is there.
fn cut_and_look(workspace: &Workspace, ledger: &Arc<Ledger>, cut: Cut, environment: &[(&str, &str)], round: u32) -> (String, Vec<String>) {
    let server = Server::start(workspace, Some(cut), environment);
    let writers = ledger.write(&server, &workspace.keys, round);
    let report = server.wait_for_cut();
    writers.finish();
    let server = Server::start(workspace, None, &[]);
    let lost = ledger.lost(&server, &workspace.keys[0]);
    assert!(server.stop().success(), "it stops cleanly after a power cut");
    (report, lost)
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let _alone = alone();
    let mut numbers = Numbers::new(7);
    let mut workspace = Workspace::new(WRITERS);
    let mut ledger = Arc::new(Ledger::default());
    let mut acknowledged = 0;
    let mut dropped_something = false;
    for round in 0..rounds(6) {
        if round > 0 && round % ENDS == 0 {
            acknowledged += ledger.acknowledged();
            workspace = Workspace::new(WRITERS);
            ledger = Arc::new(Ledger::default());
        }
        // Early cuts hit the opening of the file, late ones its checkpoints.
        let after = match round % 3 {
            0 => numbers.between(1, 60),
            1 => numbers.between(60, 600),
            _ => numbers.between(1_500, 6_000),
        };
        let keep = if round % 2 == 0 { 0 } else { 50 };
        let cut = Cut { after, at_exit: false, keep, seed: u64::from(round) + 1 };
        let (report, lost) = cut_and_look(&workspace, &ledger, cut, &[], round);
        dropped_something |= !report.contains("dropped 0 ");
        assert!(lost.is_empty(), "{cut:?} ({report}) lost:\n{}", lost.join("\n"));
        workspace.assert_sound(&format!("after {cut:?}"));
    }
    acknowledged += ledger.acknowledged();
    assert!(dropped_something, "some cut came while bytes were not synced yet");
    assert!(acknowledged > 100, "only {acknowledged} writes were acknowledged, too few to prove anything");
}

/// The control: the same test with syncing left to chance must find the loss, or it proves nothing.
#[test]
fn without_syncing_the_same_power_cut_loses_acknowledged_writes() {
    let _alone = alone();
    let workspace = Workspace::new(WRITERS);
    let ledger = Arc::new(Ledger::default());
    let cut = Cut { after: 1_500, at_exit: false, keep: 0, seed: 3 };
    let server = Server::start(&workspace, Some(cut), &[("AMTIA_TEST_SYNCHRONOUS", "NORMAL")]);
    let writers = ledger.write(&server, &workspace.keys, 0);
    let report = server.wait_for_cut();
    writers.finish();
    let server = Server::start(&workspace, None, &[]);
    let lost = ledger.lost(&server, &workspace.keys[0]);
    assert!(!lost.is_empty(), "{report}: of {} acknowledged writes none was lost, so this test cannot see a loss", ledger.acknowledged());
    assert!(server.stop().success(), "it stops cleanly");
}

#[test]
fn a_workspace_and_a_key_are_on_the_disk_when_the_command_says_so() {
    let _alone = alone();
    let workspace = Workspace::nowhere();
    workspace.amtia_then_cut(&["init"], &[]);
    workspace.assert_sound("after a power cut at the end of init");
    let made = workspace.amtia_then_cut(&["key", "create"], &["--name", "n", "--role", "analyst", "--json"]);
    let ledger = Ledger::default();
    let server = Server::start(&workspace, None, &[]);
    let lost = ledger.lost(&server, &key(&made));
    assert!(lost.is_empty(), "{}", said(&made));
    assert!(server.stop().success(), "it stops cleanly");
}
