//! A row of the table of pages: what is asked for, who may, and what answers. The router is made of these rows, and the tests walk them
//! (`tests/`): a new row is covered without a word there. A row with an id in its path has a sample beside it (`samples` of its file).

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::routing::{MethodFilter, on};
use domain::access::Permission;

use super::ask::Ask;
use super::gate;
use super::pages::Answer;
use crate::api::Web;
use crate::app::accounts::sessions::{Desk, Person};

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Public,
    /// Anybody who is signed in, with his second factor if he has one.
    SignedIn,
    /// Whose access to the merchant he looks at includes this.
    Merchant(Permission),
    Operator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Shows, and changes nothing.
    Get,
    /// A form: only with the session's token, only from our own pages.
    Post,
}

type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;
type Handler<A> = Arc<dyn Fn(A) -> Answering + Send + Sync>;

/// What answers, and what it is given beside the question.
#[derive(Clone)]
pub enum Answers {
    Anybody(Handler<Ask>),
    Person(Handler<(Ask, Person)>),
    Desk(Handler<(Ask, Desk)>),
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers")
    }
}

#[derive(Clone)]
pub struct Route {
    pub method: Method,
    /// As axum reads it: `/client/invoices/{number}`.
    pub path: &'static str,
    pub needs: Needs,
    pub answers: Answers,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} ({:?})", self.method, self.path, self.needs)
    }
}

impl Route {
    /// A page that anybody may see.
    pub fn public<F, R>(method: Method, path: &'static str, handler: F) -> Route
    where
        F: Fn(Ask) -> R + Send + Sync + 'static,
        R: Future<Output = Answer> + Send + 'static,
    {
        let answers = Answers::Anybody(Arc::new(move |ask| Box::pin(handler(ask))));
        Route { method, path, needs: Needs::Public, answers }
    }

    /// A page of whoever is signed in.
    pub fn signed_in<F, R>(method: Method, path: &'static str, handler: F) -> Route
    where
        F: Fn(Ask, Person) -> R + Send + Sync + 'static,
        R: Future<Output = Answer> + Send + 'static,
    {
        let answers = Answers::Person(Arc::new(move |(ask, person)| Box::pin(handler(ask, person))));
        Route { method, path, needs: Needs::SignedIn, answers }
    }

    /// A page about the merchant that is looked at.
    pub fn merchant<F, R>(method: Method, path: &'static str, permission: Permission, handler: F) -> Route
    where
        F: Fn(Ask, Desk) -> R + Send + Sync + 'static,
        R: Future<Output = Answer> + Send + 'static,
    {
        let answers = Answers::Desk(Arc::new(move |(ask, desk)| Box::pin(handler(ask, desk))));
        Route { method, path, needs: Needs::Merchant(permission), answers }
    }

    /// A page of whoever runs the service.
    pub fn operator<F, R>(method: Method, path: &'static str, handler: F) -> Route
    where
        F: Fn(Ask, Person) -> R + Send + Sync + 'static,
        R: Future<Output = Answer> + Send + 'static,
    {
        let answers = Answers::Person(Arc::new(move |(ask, person)| Box::pin(handler(ask, person))));
        Route { method, path, needs: Needs::Operator, answers }
    }

    /// Whether its path has an id in it.
    pub fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    pub(crate) fn add_to(self, router: Router<Web>) -> Router<Web> {
        let path = self.path;
        let filter = match self.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        let route = Arc::new(self);
        let call = on(
            filter,
            move |State(web): State<Web>,
                  ConnectInfo(peer): ConnectInfo<SocketAddr>,
                  ids: RawPathParams,
                  request: Request| {
                let route = route.clone();
                async move { gate::enter(&route, web, peer, &ids, request).await }
            },
        );
        let router = router.route(path, call.clone());
        // a page answers with and without the slash at its end
        match path.strip_suffix('/') {
            Some(bare) if !bare.is_empty() => router.route(bare, call),
            _ => router,
        }
    }
}
