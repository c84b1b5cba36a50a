//! Who sits at the keyboard, for the log of acts.

use crate::app::acts::Actor;

/// `cli:` and the operating system's user. The name is what the session says; whoever can write the database could write any.
pub fn actor() -> Actor {
    let named = ["LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    let user = named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    Actor(format!("cli:{}", user.chars().filter(|c| !c.is_control()).take(64).collect::<String>()))
}
