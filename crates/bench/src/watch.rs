//! Blocks a second through the code that follows chains, matched against many addresses; and the memory of an address.

use crate::args::Options;
use crate::report::Report;
use crate::watch_scan::Found;
use crate::{Fail, chain, child};

pub async fn run(options: &Options) -> Result<(), Fail> {
    let mut report = Report::new("watch", options);
    if options.addresses == 0 {
        return Err("there must be an address to watch".into());
    }
    let node = chain::open(options.addresses).await?;
    let (addresses, seconds) = (options.addresses.to_string(), options.seconds.unwrap_or(5).to_string());
    let found: Found = child::run(&["scan", "--node", &node, "--addresses", &addresses, "--seconds", &seconds])?;
    let Found { catching_up, at_the_head, with_native, fetching, scanning, bytes_per_address } = found;
    for row in [&catching_up, &at_the_head, &with_native, &fetching, &scanning] {
        report.add(row.clone());
    }
    report.ratio("bare_axum", &at_the_head, &fetching);
    report.ratio("scan_of_decoded_blocks", &at_the_head, &scanning);
    report.figure("transfers in a block", chain::TRANSFERS);
    report.figure("transfers in a block that are ours", chain::HITS);
    report.figure("addresses watched", options.addresses);
    report.figure("bytes of memory an address", bytes_per_address);
    report.print()
}
