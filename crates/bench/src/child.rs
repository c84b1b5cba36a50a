//! Parts that run in a process of their own: this program again, with a hidden command. They tell one line when they are ready or
//! done, and stop when their input ends, so none outlives the benchmark.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::{Fail, memory};

#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    input: Option<ChildStdin>,
    /// The line it told.
    pub told: String,
    /// From its start to that line.
    pub ready_after: Duration,
}

/// Starts a part and waits for its line.
pub fn start(arguments: &[&str]) -> Result<Child, Fail> {
    let began = Instant::now();
    let mut process =
        Command::new(std::env::current_exe()?).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let input = process.stdin.take();
    let output = process.stdout.take().ok_or("no output of the child")?;
    let mut child = Child { process, input, told: String::new(), ready_after: Duration::ZERO };
    BufReader::new(output).read_line(&mut child.told)?;
    child.ready_after = began.elapsed();
    match child.told.is_empty() {
        true => Err(format!("the part `{}` failed", arguments.join(" ")).into()),
        false => Ok(child),
    }
}

/// Runs a part that works by itself, and reads what it found.
pub fn run<T: DeserializeOwned>(arguments: &[&str]) -> Result<T, Fail> {
    let child = start(arguments)?;
    let found = serde_json::from_str(&child.told)?;
    child.stop()?;
    Ok(found)
}

impl Child {
    pub fn peak_kib(&self) -> Result<u64, Fail> {
        memory::peak_kib(self.process.id())
    }

    pub fn resident_kib(&self) -> Result<u64, Fail> {
        memory::resident_kib(self.process.id())
    }

    /// Ends its input and waits until it has stopped by itself.
    pub fn stop(mut self) -> Result<(), Fail> {
        self.input.take();
        match self.process.wait()? {
            status if status.success() => Ok(()),
            status => Err(format!("a part ended with {status}").into()),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // fails when it has ended, which is what we want
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// In the child: cancelled when the parent ends our input.
pub fn stopped_by_parent() -> CancellationToken {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        stopped.cancel();
    });
    stop
}

/// In the child: tells the line.
pub fn tell(found: &impl serde::Serialize) -> Result<(), Fail> {
    println!("{}", serde_json::to_string(found)?);
    Ok(())
}
