//! A store that dies: after some number of changes nothing happens any more, as after a crash.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result,
};

/// Where the end comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Instead of the change of this number, counted from 0.
    Before(usize),
    /// The change is made, and nobody hears of it.
    After(usize),
}

#[derive(Debug)]
struct State {
    inner: Arc<dyn ObjectStore>,
    fault: Option<Fault>,
    changes: AtomicUsize,
    is_dead: AtomicBool,
}

/// A store over another.
#[derive(Debug)]
pub(crate) struct FaultyStore(Arc<State>);

impl FaultyStore {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, fault: Option<Fault>) -> Self {
        let (changes, is_dead) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self(Arc::new(State { inner, fault, changes, is_dead }))
    }

    /// Changes that were asked for.
    pub(crate) fn changes(&self) -> usize {
        self.0.changes.load(Ordering::SeqCst)
    }
}

impl State {
    fn alive(&self) -> Result<()> {
        if self.is_dead.load(Ordering::SeqCst) { Err(dead()) } else { Ok(()) }
    }

    /// Makes a change, unless the end comes before it.
    async fn change<T>(&self, change: impl Future<Output = Result<T>>) -> Result<T> {
        self.alive()?;
        let number = self.changes.fetch_add(1, Ordering::SeqCst);
        if self.fault == Some(Fault::Before(number)) {
            self.is_dead.store(true, Ordering::SeqCst);
            return Err(dead());
        }
        let done = change.await;
        if self.fault == Some(Fault::After(number)) {
            self.is_dead.store(true, Ordering::SeqCst);
            return Err(dead());
        }
        done
    }
}

fn dead() -> Error {
    Error::Generic { store: "faulty", source: "the end has come".into() }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, at: &Path, what: PutPayload, how: PutOptions) -> Result<PutResult> {
        self.0.change(self.0.inner.put_opts(at, what, how)).await
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(dead())
    }

    async fn get_opts(&self, at: &Path, how: GetOptions) -> Result<GetResult> {
        self.0.alive()?;
        self.0.inner.get_opts(at, how).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let state = Arc::clone(&self.0);
        let deleted = paths.then(move |path| {
            let state = Arc::clone(&state);
            async move {
                let path = path?;
                state.change(state.inner.delete(&path)).await?;
                Ok(path)
            }
        });
        deleted.boxed()
    }

    fn list(&self, below: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.0.alive() {
            Ok(()) => self.0.inner.list(below),
            Err(error) => futures_util::stream::iter([Err(error)]).boxed(),
        }
    }

    async fn list_with_delimiter(&self, below: Option<&Path>) -> Result<ListResult> {
        self.0.alive()?;
        self.0.inner.list_with_delimiter(below).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(dead())
    }
}
