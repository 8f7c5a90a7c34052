//! The Hugging Face hub, and any server that speaks its protocol.
//!
//! hf-hub gives the layout of the cache, the token and the addresses. The bytes we stream
//! ourselves, because its own download (0.5.0) sends the token along to whatever host a redirect
//! names, waits for ever on a server that does not answer, writes a body to the place that it
//! asked for even where the server ignored the range and sent the whole file, and looks at
//! no digest. Ours asks for the file from the first missing byte on, as often as the
//! connection breaks.

use std::ops::Deref;
use std::time::Duration;

use hf_hub::api::tokio::ApiBuilder;
use hf_hub::{Cache, Repo, RepoType};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderMap, LOCATION, RANGE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect::Policy};
use tokio::time::{sleep, timeout};

use super::error::Setback;
use super::partial::Partial;
use super::{Digest, Event, HubFile, SourceError, Sources};

/// How often in a row a connection may fail without bringing a byte.
const TRIES: u32 = 4;
/// Redirects that are followed: the hub needs two.
const REDIRECTS: usize = 8;
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A file of the hub, as hf-hub speaks of it.
pub(super) fn repo(file: &HubFile) -> Repo {
    Repo::with_revision(file.repository.clone(), RepoType::Model, file.revision.clone())
}

/// Fetches the bytes that are missing of a file that should have `digest`.
pub(super) async fn pour(
    file: &HubFile,
    digest: Digest,
    sources: &Sources,
    partial: &mut Partial<'_>,
) -> Result<(), Setback> {
    let hub = Hub::new(file, digest, sources)?;
    let begun_at = partial.len();
    let mut answered = false;
    let mut barren = 0;
    loop {
        let before = partial.len();
        let Err(stop) = hub.pass(partial).await else { return Ok(()) };
        barren = if partial.len() > before { 0 } else { barren + 1 };
        let (reason, pause) = match stop {
            // There is another source to try before waiting for this one.
            Stop::Contact(reason) if !answered => return Err(reason.into()),
            Stop::Contact(reason) => (reason, None),
            Stop::Break(reason, pause) => (reason, pause),
            Stop::Wrong(reason) => {
                if partial.len() > begun_at {
                    partial.rewind(begun_at).await?;
                }
                return Err(reason.into());
            }
            Stop::End(setback) => return Err(setback),
        };
        answered = true;
        if barren == TRIES {
            return Err(reason.into());
        }
        let after = pause.unwrap_or(sources.backoff * 2_u32.pow(barren));
        partial.report(Event::Retrying { reason: &reason, after });
        sleep(after).await;
    }
}

/// Why one pass over the file ended before the file did.
enum Stop {
    /// Nobody answered.
    Contact(SourceError),
    /// It may go better after a pause.
    Break(SourceError, Option<Duration>),
    /// What it sends is not our file, and may have been written already.
    Wrong(SourceError),
    /// There is no point in going on here.
    End(Setback),
}

impl Stop {
    fn refusal(reason: SourceError) -> Self {
        Self::End(reason.into())
    }

    fn protocol(what: impl Into<String>) -> Self {
        Self::Wrong(SourceError::Protocol(what.into()))
    }
}

impl From<Setback> for Stop {
    fn from(setback: Setback) -> Self {
        match setback {
            Setback::Source(reason) => Self::Wrong(reason),
            Setback::Stop(_) => Self::End(setback),
        }
    }
}

/// One file of one server.
struct Hub<'a> {
    client: Client,
    url: Url,
    digest: Digest,
    sources: &'a Sources,
}

impl<'a> Hub<'a> {
    fn new(file: &HubFile, digest: Digest, sources: &'a Sources) -> Result<Self, SourceError> {
        let wrong = |e: String| SourceError::Unreachable(format!("{}: {e}", sources.endpoint));
        // hf-hub wants a cache even where none is read or written.
        let cache = Cache::new(sources.cache.clone().unwrap_or_default());
        let api = ApiBuilder::from_cache(cache)
            .with_token(None)
            .with_endpoint(sources.endpoint.trim_end_matches('/').to_owned())
            .build()
            .map_err(|e| wrong(e.to_string()))?;
        let url = Url::parse(&api.repo(repo(file)).url(&file.file));
        let url = url.map_err(|e| wrong(e.to_string()))?;
        let client = Client::builder()
            .user_agent(concat!("vivavoce/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(sources.patience)
            .build()
            .map_err(|e| wrong(e.to_string()))?;
        Ok(Self { client, url, digest, sources })
    }

    /// Asks for what is missing and takes what comes, until the file or the connection ends.
    async fn pass(&self, partial: &mut Partial<'_>) -> Result<(), Stop> {
        let have = partial.len();
        let mut response = self.open(have).await?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && have > 0 {
            // Some servers know no ranges and say so like this: take the whole.
            response = self.open(0).await?;
        }
        let Offer { from, total } = Offer::read(&response, have)?;
        if let Some(found) = total.filter(|total| *total != partial.size()) {
            return Err(Stop::Wrong(SourceError::WrongSize { found, expected: partial.size() }));
        }
        partial.begin_at(from);
        while let Some(bytes) = self.chunk(&mut response).await? {
            partial.pour(&bytes)?;
            if partial.complete() {
                return Ok(());
            }
        }
        // Whoever named the length broke off; for any other server this is the whole file.
        let expected = partial.size();
        Err(match total {
            Some(_) => Stop::Break(SourceError::Broken("the connection was closed".into()), None),
            None => Stop::Wrong(SourceError::WrongSize { found: partial.len(), expected }),
        })
    }

    async fn chunk(
        &self,
        response: &mut Response,
    ) -> Result<Option<impl Deref<Target = [u8]> + use<>>, Stop> {
        let broken = |why| Stop::Break(SourceError::Broken(why), None);
        match timeout(self.sources.stall, response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(broken(cause(&error))),
            Err(_) => Err(broken(format!("nothing came for {:?}", self.sources.stall))),
        }
    }

    /// Follows redirects to an answer that has a body for us.
    async fn open(&self, have: u64) -> Result<Response, Stop> {
        let mut url = self.url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.ask(&url, have).await?;
            self.same_file(response.headers())?;
            if !response.status().is_redirection() {
                return accept(response);
            }
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.ok_or_else(|| Stop::protocol("it redirects to nowhere"))?;
            url = url.join(to).map_err(|e| Stop::protocol(format!("it redirects badly: {e}")))?;
        }
        Err(Stop::protocol(format!("it redirects more than {REDIRECTS} times")))
    }

    async fn ask(&self, url: &Url, have: u64) -> Result<Response, Stop> {
        let mut request = self.client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
        }
        if let Some(token) = self.sources.token.as_ref().filter(|_| self.at_home(url)) {
            request = request.bearer_auth(token.0.trim());
        }
        let host = url.host_str().unwrap_or_default();
        let patience = self.sources.patience;
        match timeout(patience, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(e)) if e.is_timeout() => Err(Stop::Contact(SourceError::Silent(patience))),
            Ok(Err(e)) => {
                let why = format!("{host}: {}", cause(&e));
                Err(Stop::Contact(SourceError::Unreachable(why)))
            }
            Err(_) => Err(Stop::Contact(SourceError::Silent(patience))),
        }
    }

    /// Whether the address is the hub's own, which alone may see the token.
    fn at_home(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
    }

    /// The hub names the digest of a large file before it sends it: a wrong pin costs no download.
    fn same_file(&self, headers: &HeaderMap) -> Result<(), Stop> {
        let named = headers.get("x-linked-etag").and_then(|tag| tag.to_str().ok());
        let found = named.and_then(|tag| tag.trim_matches('"').parse::<Digest>().ok());
        let expected = self.digest;
        match found.filter(|found| *found != expected) {
            Some(found) => Err(Stop::Wrong(SourceError::WrongDigest { found, expected })),
            None => Ok(()),
        }
    }
}

/// Which bytes an answer brings.
struct Offer {
    /// The offset of its first byte.
    from: u64,
    /// The whole file's length, where the server says it.
    total: Option<u64>,
}

impl Offer {
    fn read(response: &Response, asked: u64) -> Result<Self, Stop> {
        if response.status() != StatusCode::PARTIAL_CONTENT {
            return Ok(Self { from: 0, total: response.content_length() });
        }
        let range = response.headers().get(CONTENT_RANGE).and_then(|r| r.to_str().ok());
        let offer = range.and_then(Self::of_range);
        let offer = offer.ok_or_else(|| Stop::protocol("it sends a part and not which"))?;
        if offer.from > asked {
            return Err(Stop::protocol("it sends another part than asked for"));
        }
        Ok(offer)
    }

    /// Reads `bytes FROM-TO/TOTAL`, where `TOTAL` may be `*`.
    fn of_range(range: &str) -> Option<Self> {
        let (span, total) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
        let from = span.split_once('-')?.0.trim().parse().ok()?;
        let total = (total != "*").then(|| total.trim().parse()).transpose().ok()?;
        Some(Self { from, total })
    }
}

/// Lets pass what has a body for us, and `416`, which asks for another try.
fn accept(response: Response) -> Result<Response, Stop> {
    let status = response.status();
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            Ok(response)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Stop::refusal(SourceError::Gated { status: status.as_u16() }))
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(Stop::refusal(SourceError::NotFound { status: status.as_u16() }))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Err(busy(&response)),
        status if status.is_server_error() => Err(busy(&response)),
        status => Err(Stop::refusal(SourceError::Status(status.to_string()))),
    }
}

fn busy(response: &Response) -> Stop {
    let status = response.status().to_string();
    let pause = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
    match pause.and_then(|v| v.trim().parse().ok()).map(Duration::from_secs) {
        Some(pause) if pause > LONGEST_PAUSE => Stop::refusal(SourceError::Status(format!(
            "{status} and wants us back in {} s",
            pause.as_secs()
        ))),
        pause => Stop::Break(SourceError::Status(status), pause),
    }
}

/// The innermost cause: the outer ones repeat the address.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::Offer;

    #[test]
    fn ranges_are_read_as_servers_write_them() {
        let read = |text| Offer::of_range(text).map(|o| (o.from, o.total));
        assert_eq!(read("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(read("bytes 5-9/*"), Some((5, None)));
        for wrong in ["", "bytes */10", "bytes 5-9", "items 5-9/10", "bytes -9/10", "bytes 5-9/x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
