//! HTTP servers that say hello. Each reads a request's headers, and keeps the connection.

use super::{listener, servers};
use crate::peers::Executor;
use hyper::service::service_fn;
use insideout::net::Reader;
use insideout::prelude::*;
use std::convert::Infallible;
use std::io::{self, ErrorKind, Read, Write};
use std::mem::MaybeUninit;
use std::net::SocketAddr;

const HEAD: usize = 8 * 1024;

struct Request {
    length: usize,
    keep_alive: bool,
    found: bool,
}

fn parse(bytes: &[u8]) -> io::Result<Option<Request>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut headers = [const { MaybeUninit::uninit() }; 64];
    let mut parsed = httparse::Request::new(&mut []);
    let length = match parsed.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(ErrorKind::InvalidData.into()),
    };
    let mut keep_alive = parsed.version == Some(1);
    for header in parsed.headers.iter() {
        if header.name.eq_ignore_ascii_case("connection") {
            keep_alive = header.value.eq_ignore_ascii_case(b"keep-alive");
        }
    }
    Ok(Some(Request {
        length,
        keep_alive,
        found: parsed.path == Some("/hello"),
    }))
}

fn answer(request: &Request, out: &mut Vec<u8>) {
    let (status, body) = match request.found {
        true => ("200 OK", "Hello, world!"),
        false => ("404 Not Found", "no"),
    };
    let length = if body.len() == 2 { "2" } else { "13" };
    for part in [
        "HTTP/1.1 ",
        status,
        "\r\ncontent-type: text/plain\r\ncontent-length: ",
    ] {
        out.extend_from_slice(part.as_bytes());
    }
    for part in [length, "\r\n\r\n", body] {
        out.extend_from_slice(part.as_bytes());
    }
}

#[cps]
fn talk(stream: insideout::net::TcpStream) -> io::Result<()> {
    let (mut reader, mut out) = (Reader::with_capacity(HEAD), Vec::new());
    loop {
        match parse(reader.buffered())? {
            Some(request) => {
                reader.consume(request.length);
                answer(&request, &mut out);
                if !request.keep_alive {
                    return call!(stream.write_all(&out));
                }
            }
            None => {
                if !out.is_empty() {
                    call!(stream.write_all(&out))?;
                    out.clear();
                }
                if call!(reader.fill(&stream))? == 0 {
                    return Ok(());
                }
            }
        }
    }
}

pub(crate) fn ours(workers: usize) -> SocketAddr {
    servers::ours(workers, |stream| {
        stream.get_ref().set_nodelay(true).ok();
        thunk!(talk(stream))
    })
}

type Response = hyper::Response<http_body_util::Full<hyper::body::Bytes>>;

async fn hello(request: hyper::Request<hyper::body::Incoming>) -> Result<Response, Infallible> {
    let (status, body) = match request.uri().path() {
        "/hello" => (200, "Hello, world!"),
        _ => (404, "no"),
    };
    let response = hyper::Response::builder()
        .status(status)
        .header("content-type", "text/plain")
        .body(http_body_util::Full::from(body));
    Ok(response.expect("it is well formed"))
}

pub(crate) fn hyper<E: Executor>(workers: usize) -> SocketAddr {
    servers::tokio::<E, _>(workers, |stream| {
        stream.set_nodelay(true).ok();
        let stream = hyper_util::rt::TokioIo::new(stream);
        let http = hyper::server::conn::http1::Builder::new();
        let connection = http.serve_connection(stream, service_fn(hello));
        async move { drop(connection.await) }
    })
}

#[derive(Clone)]
struct Hello;

impl may_minihttp::HttpService for Hello {
    fn call(
        &mut self,
        request: may_minihttp::Request<'_, '_, '_>,
        response: &mut may_minihttp::Response<'_>,
    ) -> io::Result<()> {
        response.header("content-type: text/plain");
        match request.path() {
            "/hello" => response.body("Hello, world!"),
            _ => {
                response.status_code(404, "Not Found");
            }
        }
        Ok(())
    }
}

pub(crate) fn may() -> SocketAddr {
    // It listens by itself.
    let (listener, address) = listener();
    drop(listener);
    may::config().set_workers(1);
    let server = may_minihttp::HttpServer(Hello).start(address);
    std::mem::forget(server.expect("the port is still free"));
    address
}

/// Takes the requests that are whole out of what was heard; the answers to them, and whether the
/// connection stays.
fn reply(heard: &mut Vec<u8>) -> io::Result<(Vec<u8>, bool)> {
    let (mut out, mut begin, mut stays) = (Vec::new(), 0, true);
    while stays && let Some(request) = parse(&heard[begin..])? {
        begin += request.length;
        answer(&request, &mut out);
        stays = request.keep_alive;
    }
    heard.drain(..begin);
    Ok((out, stays))
}

pub(crate) fn smol() -> SocketAddr {
    use futures_lite::{AsyncReadExt, AsyncWriteExt};

    servers::smol(|mut stream| async move {
        stream.get_ref().set_nodelay(true).ok();
        let (mut buf, mut heard) = ([0; HEAD], Vec::new());
        while let Ok(count @ 1..) = stream.read(&mut buf).await {
            heard.extend_from_slice(&buf[..count]);
            match reply(&mut heard) {
                Ok((out, true)) if stream.write_all(&out).await.is_ok() => {}
                Ok((out, false)) => return drop(stream.write_all(&out).await),
                _ => return,
            }
        }
    })
}

pub(crate) fn bare() -> SocketAddr {
    let mut buf = [0; HEAD];
    servers::bare(move |stream, heard: &mut Vec<u8>| {
        match stream.read(&mut buf) {
            Ok(count @ 1..) => heard.extend_from_slice(&buf[..count]),
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
            Ok(0) => return false,
        }
        reply(heard).is_ok_and(|(out, stays)| stream.write_all(&out).is_ok() && stays)
    })
}
