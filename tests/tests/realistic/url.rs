//! URLs: taken apart, percent-decoded, their queries split.

use behaviour::{Log, assert_same, both};

#[derive(Clone, Debug, Default, PartialEq)]
struct Url {
    scheme: String,
    user: Option<String>,
    host: String,
    port: Option<u16>,
    path: Vec<String>,
    query: Vec<(String, Option<String>)>,
    fragment: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Invalid {
    Scheme,
    Host,
    Port(String),
    Percent(usize),
    Utf8,
}

#[both]
mod cases {
    #[cps]
    fn decode(text: &str, plus: bool) -> Result<String, Invalid> {
        let mut bytes = text.bytes().enumerate();
        let mut out = Vec::with_capacity(text.len());
        while let Some((at, byte)) = bytes.next() {
            out.push(match byte {
                b'%' => {
                    let mut code = 0u8;
                    for _ in 0..2 {
                        coop!();
                        let digit = bytes
                            .next()
                            .and_then(|(_, digit)| (digit as char).to_digit(16));
                        code = code << 4 | digit.ok_or(Invalid::Percent(at))? as u8;
                    }
                    code
                }
                b'+' if plus => b' ',
                other => other,
            });
        }
        coop!();
        String::from_utf8(out).map_err(|_| Invalid::Utf8)
    }

    #[cps]
    fn pair(text: &str) -> Result<(String, Option<String>), Invalid> {
        Ok(match text.split_once('=') {
            Some((key, value)) => (call!(decode(key, true))?, Some(call!(decode(value, true))?)),
            None => (call!(decode(text, true))?, None),
        })
    }

    #[cps]
    fn authority(log: &Log, text: &str, url: &mut Url) -> Result<(), Invalid> {
        let host = match text.rsplit_once('@') {
            Some((user, host)) => {
                url.user = Some(call!(decode(user, false))?);
                host
            }
            None => text,
        };
        let (host, port) = if let Some(inner) = host.strip_prefix('[') {
            let (inner, rest) = inner.split_once(']').ok_or(Invalid::Host)?;
            (inner, rest.strip_prefix(':'))
        } else if let Some((host, port)) = host.split_once(':') {
            (host, Some(port))
        } else {
            (host, None)
        };
        log.note(host);
        if let Some(port) = port
            && !port.is_empty()
        {
            coop!();
            url.port = Some(port.parse().map_err(|_| Invalid::Port(port.to_owned()))?);
        }
        url.host = call!(decode(host, false))?.to_lowercase();
        if url.host.is_empty() {
            Err(Invalid::Host)
        } else {
            Ok(())
        }
    }

    #[cps]
    fn parse(log: &Log, text: &str) -> Result<Url, Invalid> {
        let mut url = Url::default();
        let (scheme, mut rest) = text.split_once("://").ok_or(Invalid::Scheme)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(plain) {
            return Err(Invalid::Scheme);
        }
        url.scheme = scheme.to_ascii_lowercase();
        if let Some((before, fragment)) = rest.split_once('#') {
            url.fragment = Some(call!(decode(fragment, false))?);
            rest = before;
        }
        if let Some((before, query)) = rest.split_once('?') {
            rest = before;
            for text in query.split('&').filter(|pair| !pair.is_empty()) {
                url.query.push(call!(pair(text))?);
            }
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        call!(authority(log, host, &mut url))?;
        for segment in path.split('/').skip(1) {
            match &*call!(decode(segment, false))? {
                "." => {}
                ".." => drop(url.path.pop()),
                segment => url.path.push(segment.to_owned()),
            }
        }
        Ok(url)
    }
}

#[test]
fn urls() {
    let text = "HTTPS://me%40home@Example.ORG:8443/a/./b/../c%20d?q=1+2%26&flag&&=x#top%21";
    let url = moved::parse(Log::forever(), text).unwrap();
    let expected = Url {
        scheme: "https".into(),
        user: Some("me@home".into()),
        host: "example.org".into(),
        port: Some(8443),
        path: vec!["a".into(), "c d".into()],
        query: vec![
            ("q".into(), Some("1 2&".into())),
            ("flag".into(), None),
            (String::new(), Some("x".into())),
        ],
        fragment: Some("top!".into()),
    };
    assert_eq!(url, expected);
    assert_same!(|log| parse(log, text));
    let url = moved::parse(Log::forever(), "ftp://[::1]:/").unwrap();
    assert_eq!((&*url.host, url.port, url.path.len()), ("::1", None, 1));
    assert_same!(|log| parse(log, "ftp://[::1]:/"));
}

#[test]
fn invalid_urls() {
    for (text, error) in [
        ("example.org", Invalid::Scheme),
        ("1http://x", Invalid::Scheme),
        ("http://", Invalid::Host),
        ("http://[::1", Invalid::Host),
        ("http://x:99999", Invalid::Port("99999".into())),
        ("http://x/a%2", Invalid::Percent(1)),
        ("http://x/?%zz=1", Invalid::Percent(0)),
        ("http://x/%ff", Invalid::Utf8),
    ] {
        assert_eq!(moved::parse(Log::forever(), text), Err(error));
        assert_same!(|log| parse(log, text));
    }
}
