//! An address that names several servers, as one for each.

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::store::error::StoreError;

/// Its name, for people.
pub fn host(server: &Config) -> String {
    match (server.get_hosts().first(), server.get_hostaddrs().first()) {
        (Some(Host::Tcp(name)), _) => name.clone(),
        (Some(Host::Unix(path)), _) => path.display().to_string(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "?".into(),
    }
}

/// One configuration for each server, in their order.
pub fn each_server(all: &Config) -> Result<Vec<Config>, StoreError> {
    let (hosts, addresses, ports) = (all.get_hosts(), all.get_hostaddrs(), all.get_ports());
    let count = hosts.len().max(addresses.len());
    let fits = |len: usize| len == 0 || len == count;
    if count == 0 || !fits(hosts.len()) || !fits(addresses.len()) || !(ports.len() <= 1 || ports.len() == count) {
        let what = "the database's address must name a server, and as many ports as servers, or one";
        return Err(StoreError::Unusable(what.into()));
    }
    Ok((0..count).map(|at| one_server(all, at)).collect())
}

fn one_server(all: &Config, at: usize) -> Config {
    let mut one = Config::new();
    match all.get_hosts().get(at) {
        Some(Host::Tcp(name)) => drop(one.host(name)),
        Some(Host::Unix(path)) => drop(one.host_path(path)),
        None => {}
    }
    if let Some(address) = all.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    if let Some(port) = all.get_ports().get(at).or(all.get_ports().first()) {
        one.port(*port);
    }
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(name) = all.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    if let Some(name) = all.get_application_name() {
        one.application_name(name);
    }
    if let Some(timeout) = all.get_connect_timeout() {
        one.connect_timeout(*timeout);
    }
    if let Some(timeout) = all.get_tcp_user_timeout() {
        one.tcp_user_timeout(*timeout);
    }
    if let Some(interval) = all.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = all.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    one.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    one.channel_binding(all.get_channel_binding()).target_session_attrs(all.get_target_session_attrs());
    one
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::{SslMode, TargetSessionAttrs};

    use super::super::connect::{Address, PATIENCE};
    use super::*;

    #[test]
    fn an_address_of_several_servers_is_one_each() {
        let url =
            "postgres://me:secret@one:1111,two:2222/shop?sslmode=require&channel_binding=require&options=-c%20x%3Dy";
        let address = Address::parse(url).unwrap();
        assert_eq!(address.name(), "shop at one,two");
        let told = |server: &Config| {
            assert_eq!(
                (server.get_user(), server.get_password(), server.get_dbname(), server.get_options()),
                (Some("me"), Some(&b"secret"[..]), Some("shop"), Some("-c x=y"))
            );
            assert_eq!(server.get_ssl_mode(), SslMode::Require);
            assert_eq!(server.get_channel_binding(), tokio_postgres::config::ChannelBinding::Require);
            assert_eq!(server.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
            assert_eq!((server.get_connect_timeout(), server.get_keepalives_retries()), (Some(&PATIENCE), Some(3)));
            (host(server), server.get_ports().to_vec())
        };
        let each: Vec<_> = address.servers.iter().map(told).collect();
        assert_eq!(each, [("one".into(), vec![1111]), ("two".into(), vec![2222])]);

        let one_port = Address::parse("postgres://me@one,two,three:6000/shop").unwrap();
        let ports: Vec<_> = one_port.servers.iter().map(|server| server.get_ports().to_vec()).collect();
        assert_eq!(ports, [[5432], [5432], [6000]]);
        for (bad, why) in [("postgres://me@one", "names no database"), ("postgres:///shop", "must name a server")] {
            let error = Address::parse(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
