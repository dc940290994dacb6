//! A tunnel to another host, for a proxy that lets other hosts through. Must not lead back to this machine.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpStream, lookup_host};

use super::limits::{REACH_WAIT_MAX, TUNNEL_WAIT_MAX};
use crate::clock::within;

/// Why another host cannot be reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum RelayError {
    /// It is this machine, and so possibly this proxy.
    #[error("it is this machine: a tunnel leads to others only")]
    ThisMachine,
    /// Connecting takes too long.
    #[error("it did not answer in time")]
    TooSlow,
    /// The operating system's error.
    #[error("{0}")]
    System(#[from] io::Error),
}

/// A connection to another host.
pub(super) async fn reach(host: &str, port: u16) -> Result<TcpStream, RelayError> {
    within(REACH_WAIT_MAX, connect(host, port)).await.unwrap_or(Err(RelayError::TooSlow))
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, RelayError> {
    let mut last = RelayError::System(io::Error::other("the name has no address"));
    for address in lookup_host((host, port)).await? {
        if is_here(address.ip()) {
            last = RelayError::ThisMachine;
            continue;
        }
        match TcpStream::connect(address).await {
            // The machine's own addresses are not known beforehand; a connection to one of them has the same address at
            // both ends.
            Ok(stream) if stream.local_addr()?.ip().to_canonical() == address.ip().to_canonical() => {
                last = RelayError::ThisMachine;
            }
            Ok(stream) => return Ok(stream),
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

fn is_here(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback() || address.is_unspecified()
}

/// Copies bytes both ways until both sides have ended or the time is over.
pub(super) async fn carry<A, B>(mut client: A, mut other: B)
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    // How it ends concerns the two sides only.
    let _ = within(TUNNEL_WAIT_MAX, copy_bidirectional(&mut client, &mut other)).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::net::TcpListener;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("the system gives a runtime").block_on(work)
    }

    #[test]
    fn a_tunnel_never_leads_to_this_machine() {
        block_on(async {
            let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port is free");
            let port = listener.local_addr().expect("it has an address").port();
            for host in
                ["127.0.0.1", "localhost", "127.8.9.10", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"]
            {
                let reached = reach(host, port).await;
                assert!(matches!(reached, Err(RelayError::ThisMachine | RelayError::System(_))), "{host}: {reached:?}");
            }
            let other = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            assert!(is_here(other.local_addr().expect("it has an address").ip()));
        });
    }

    #[test]
    fn bytes_go_both_ways_until_both_ends_are_closed() {
        block_on(async {
            let (mut client, near) = duplex(64);
            let (far, mut other) = duplex(64);
            let carried = tokio::spawn(carry(near, far));
            client.write_all(b"question").await.expect("it is open");
            client.shutdown().await.expect("it is open");
            let mut question = String::new();
            other.read_to_string(&mut question).await.expect("it is open");
            other.write_all(b"answer").await.expect("it is open");
            drop(other);
            let mut answered = String::new();
            client.read_to_string(&mut answered).await.expect("it is open");
            assert_eq!((question.as_str(), answered.as_str()), ("question", "answer"));
            carried.await.expect("it does not panic");
        });
    }
}
