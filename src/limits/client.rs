//! The address of a client, from behind as many proxies as are ours.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request came from: the peer, or what the outermost of our own proxies saw.
pub fn client_ip(request: &HttpRequest, trusted_proxies: usize) -> IpAddr {
    // Without a peer there is no connection either, except in tests.
    let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::LOCALHOST), |peer| peer.ip());
    let forwarded: Vec<&str> = request
        .headers()
        .get_all(FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    forwarded_ip(peer, &forwarded, trusted_proxies)
}

/// Each proxy appends whom it heard: the last hop was written by the proxy next to us. Counting
/// from the end, only as many hops as there are proxies can be believed.
fn forwarded_ip(peer: IpAddr, hops: &[&str], trusted_proxies: usize) -> IpAddr {
    let believed = hops.iter().rev().take(trusted_proxies);
    believed.map_while(|hop| parse_hop(hop)).last().unwrap_or(peer)
}

/// An address, perhaps with a port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.split_once(']')).map(|(ip, _)| ip);
    bare.unwrap_or(hop)
        .parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_as_far_as_our_proxies_reach() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let check = |hops: &[&str], trusted, expected: &str| {
            let expected: IpAddr = expected.parse().unwrap();
            assert_eq!(forwarded_ip(peer, hops, trusted), expected, "{hops:?} {trusted}");
        };
        check(&["198.51.100.7"], 0, "10.0.0.1");
        check(&["198.51.100.7"], 1, "198.51.100.7");
        check(&["6.6.6.6", " 198.51.100.7"], 1, "198.51.100.7");
        check(&["6.6.6.6", "198.51.100.7", "10.0.0.2"], 2, "198.51.100.7");
        check(&["198.51.100.7"], 2, "198.51.100.7");
        check(&["198.51.100.7", "nonsense"], 2, "10.0.0.1");
        check(&["[2001:db8::1]:443"], 1, "2001:db8::1");
        check(&["198.51.100.7:1234"], 1, "198.51.100.7");
        check(&[], 1, "10.0.0.1");
    }
}
