#[cfg(test)]
mod browser;
