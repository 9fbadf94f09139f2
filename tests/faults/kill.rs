//! The server is killed while it writes.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::ledger::Ledger;
use super::program::{Server, Workspace};
use super::{Numbers, alone, rounds};

/// Usable again within this time.
const USABLE: Duration = Duration::from_secs(2);

#[test]
fn what_was_acknowledged_survives_kill_9_and_the_workspace_opens_within_two_seconds() {
    let _alone = alone();
    let mut numbers = Numbers::new(11);
    let mut workspace = Workspace::new(3);
    let mut ledger = Arc::new(Ledger::default());
    let mut acknowledged = 0;
    for round in 0..rounds(8) {
        if round > 0 && round % 25 == 0 {
            acknowledged += ledger.acknowledged();
            workspace = Workspace::new(3);
            ledger = Arc::new(Ledger::default());
        }
        let mut server = Server::start(&workspace, None, &[]);
        let writers = ledger.write(&server, &workspace.keys, round);
        thread::sleep(Duration::from_millis(numbers.between(5, 700)));
        server.kill();
        writers.finish();

        let server = Server::start(&workspace, None, &[]);
        assert!(server.ready_after <= USABLE, "round {round}: usable only after {:?}", server.ready_after);
        let lost = ledger.lost(&server, &workspace.keys[0]);
        assert!(lost.is_empty(), "round {round} lost:\n{}", lost.join("\n"));
        assert!(server.stop().success(), "it stops cleanly after a kill");
        workspace.assert_sound(&format!("after kill {round}"));
    }
    acknowledged += ledger.acknowledged();
    assert!(acknowledged > 100, "only {acknowledged} writes were acknowledged, too few to prove anything");
}
