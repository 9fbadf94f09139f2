//! Where a webhook may send to: the address as written, and the addresses it stands for.
//!
//! The engine asks twice: when the target is written down, and with the addresses that its name gave, before it connects
//! to one of these very addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Longest target, in characters.
pub const TARGET_MAX: usize = 2000;

/// A target as it was written, found well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The address.
    pub url: Url,
    /// Plain http: only for this device and its own network.
    pub plain: bool,
}

/// Reads a target. `consent` is an administrator's leave to reach this device or its network.
///
/// # Errors
/// A sentence fragment that completes "the field `url` …".
pub fn read(text: &str, consent: bool) -> Result<Target, String> {
    let refuse = |why: &str| Err(why.to_owned());
    if text.chars().count() > TARGET_MAX {
        return Err(format!("must have at most {TARGET_MAX} characters"));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return refuse("must not hold spaces, control characters or backslashes");
    }
    let Ok(url) = Url::parse(text) else { return refuse("must be an address such as https://example.com/hook") };
    let plain = match url.scheme() {
        "https" => false,
        "http" if consent => true,
        "http" => return refuse("must begin with https://; plain http needs allow_private"),
        _ => return refuse("must begin with https://"),
    };
    let rest = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let Some(authority) = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).filter(|authority| !authority.is_empty()) else {
        return refuse("must be an address such as https://example.com/hook");
    };
    if authority.contains('@') {
        return refuse("must not hold a user name or a password");
    }
    if url.fragment().is_some() {
        return refuse("must not hold a fragment");
    }
    let Some(host) = url.host() else { return refuse("must name a host") };
    // What the parser made of it must be what was written: no octal, hexadecimal, decimal, short or escaped address.
    let canonical = url.host_str().unwrap_or_default();
    let port = match authority.get(..canonical.len()) {
        Some(written) if written.eq_ignore_ascii_case(canonical) => &authority[canonical.len()..],
        _ => return refuse("must write its host in the usual form: a name in ASCII, or an address in full"),
    };
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return refuse("must name a port from 1 to 65535, or none");
    }
    match host {
        Host::Ipv4(address) => judge(IpAddr::V4(address), consent, plain)?,
        Host::Ipv6(address) => judge(IpAddr::V6(address), consent, plain)?,
        Host::Domain(name) => judge_name(name, consent)?,
    }
    Ok(Target { url, plain })
}

fn is_port(text: &str) -> bool {
    text.len() <= 5
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn judge_name(name: &str, consent: bool) -> Result<(), String> {
    let labels: Vec<&str> = name.split('.').collect();
    let well_formed = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() > 253 || !labels.iter().all(well_formed) {
        return Err("must name a host as DNS does, without a dot at the end".to_owned());
    }
    let last = labels.last().copied().unwrap_or_default().to_ascii_lowercase();
    let local =
        labels.len() == 1 || matches!(last.as_str(), "localhost" | "local" | "internal" | "lan" | "home" | "corp" | "arpa" | "onion");
    if local && !consent {
        return Err("names this device or its network; that needs allow_private".to_owned());
    }
    Ok(())
}

/// Judges one address that a target stands for.
///
/// # Errors
/// A sentence fragment: why nothing may be sent there.
pub fn judge(address: IpAddr, consent: bool, plain: bool) -> Result<(), String> {
    let reach = match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    };
    match reach {
        Reach::Never => Err("is an address to which nothing may be sent".to_owned()),
        Reach::Private if !consent => Err("is an address of this device or its network; that needs allow_private".to_owned()),
        Reach::Public if plain => Err("must begin with https://: plain http is only for this device and its network".to_owned()),
        Reach::Private | Reach::Public => Ok(()),
    }
}

enum Reach {
    Public,
    /// This device or its network: by consent.
    Private,
    /// Link-local (where clouds answer with credentials), multicast, reserved, or another address in disguise.
    Never,
}

/// Addresses at which cloud machines answer with credentials, within ranges that consent would open.
const METADATA_V4: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        _ if address == METADATA_V4 => Reach::Never,
        (127 | 10, _, _) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Reach::Private,
        // This network; link-local; protocol assignments; documentation; 6to4 relays; benchmarks; multicast and reserved.
        (0, _, _)
        | (169, 254, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18..=19, _)
        | (198, 51, 100)
        | (203, 0, 113)
        | (224.., _, _) => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let segments = address.segments();
    let isatap = matches!(segments[4], 0 | 0x200) && segments[5] == 0x5efe;
    match segments[0] {
        _ if address == Ipv6Addr::LOCALHOST => Reach::Private,
        _ if address == METADATA_V6 || isatap => Reach::Never,
        0xfc00..=0xfdff => Reach::Private,
        // Protocol assignments (Teredo among them) and documentation; 6to4; documentation.
        0x2001 if segments[1] < 0x200 || segments[1] == 0xdb8 => Reach::Never,
        0x2002 => Reach::Never,
        0x3fff if segments[1] < 0x1000 => Reach::Never,
        0x2000..=0x3fff => Reach::Public,
        // Mapped, compatible, NAT64, link-local, site-local, multicast, discard-only and whatever is not assigned.
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v6(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_public_https_target_is_taken_as_it_is_written() {
        for text in [
            "https://example.com",
            "https://example.com/hook?x=1",
            "https://EXAMPLE.com:443/",
            "https://hooks.corvane.example:8443/a/b",
            "https://93.184.215.14/in",
            "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/in",
            "https://xn--bcher-kva.example/hook",
            "https://example.com:65535/",
        ] {
            assert!(read(text, false).is_ok(), "{text}: {:?}", read(text, false));
        }
    }

    #[test]
    fn consent_opens_this_device_and_its_network_and_no_more() {
        for text in [
            "http://127.0.0.1:9000/in",
            "https://192.168.1.20/",
            "http://[::1]:9000/",
            "http://nas.local/",
            "http://localhost:1/",
            "https://[fd12::1]/",
        ] {
            assert!(read(text, true).is_ok(), "{text} by consent: {:?}", read(text, true));
            assert!(read(text, false).is_err(), "{text} without");
        }
        for text in [
            "http://169.254.169.254/latest/meta-data",
            "https://[fe80::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "http://100.100.100.200/",
            "http://[fd00:ec2::254]/",
            "http://93.184.215.14/",
            "http://2130706433/",
            "http://user@127.0.0.1/",
            "ftp://127.0.0.1/",
        ] {
            assert!(read(text, true).is_err(), "{text} even by consent");
        }
    }

    #[test]
    fn an_address_is_judged_by_its_range_at_both_edges() {
        let public = [
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "169.253.0.1",
            "223.255.255.255",
        ];
        let private = ["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "100.64.0.0", "100.127.255.255", "127.255.255.255"];
        let never = ["0.1.2.3", "169.254.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.19.255.255", "192.0.2.1", "203.0.113.9"];
        for text in public {
            assert_eq!(judge(v6(text), false, false), Ok(()), "{text} is public");
            assert!(judge(v6(text), true, true).is_err(), "{text} is not reached by plain http");
        }
        for text in private {
            assert!(judge(v6(text), false, false).is_err() && judge(v6(text), true, true).is_ok(), "{text} by consent alone");
        }
        for text in never {
            assert!(judge(v6(text), true, false).is_err(), "{text} never");
        }
        for text in
            ["::", "::7f00:1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:808:808::1", "2001::1", "2001:db8::1", "fe80::1"]
        {
            assert!(judge(v6(text), true, false).is_err(), "{text} never");
        }
        for text in ["ff02::1", "fec0::1", "100::1", "5f00::1", "4000::1", "2606:2800::5efe:7f00:1", "3fff:fff::1"] {
            assert!(judge(v6(text), true, false).is_err(), "{text} never");
        }
        for text in ["2606:4700::1111", "2001:200::1", "2a00:1450::1"] {
            assert_eq!(judge(v6(text), false, false), Ok(()), "{text} is public");
        }
    }
}
