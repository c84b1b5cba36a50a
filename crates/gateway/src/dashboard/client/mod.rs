//! A merchant's pages.

mod acts;
mod home;
mod team;

use domain::access::{Permission, Role};

use super::frame::Item;
use super::route::Method::{Get, Post};
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;

pub const HOME: &str = "/client/";
const TEAM: &str = "/client/team";
const ACTS: &str = "/client/acts";

/// The navigation, from top to bottom.
pub const NAV: &[Item] = &[
    Item { path: HOME, label: "nav-home", icon: "home", needs: Some(Permission::ViewInvoices) },
    Item { path: TEAM, label: "nav-team", icon: "team", needs: Some(Permission::ViewTeam) },
    Item { path: ACTS, label: "nav-acts", icon: "log", needs: Some(Permission::ViewActs) },
];

pub fn routes() -> Vec<Route> {
    use Permission::{ManageTeam, ViewActs, ViewInvoices, ViewTeam};
    vec![
        Route::merchant(Get, HOME, ViewInvoices, home::page),
        Route::merchant(Get, TEAM, ViewTeam, team::page),
        Route::merchant(Post, "/client/team/invite", ManageTeam, team::invite),
        Route::merchant(Post, "/client/team/members/{user}", ManageTeam, team::change),
        Route::merchant(Post, "/client/team/members/{user}/remove", ManageTeam, team::remove),
        Route::merchant(Post, "/client/team/invitations/{id}/withdraw", ManageTeam, team::withdraw),
        Route::merchant(Get, ACTS, ViewActs, acts::page),
    ]
}

/// The message with a role's name.
pub fn role_key(role: Role) -> &'static str {
    match role {
        Role::Owner => "role-owner",
        Role::Admin => "role-admin",
        Role::Finance => "role-finance",
        Role::Developer => "role-developer",
        Role::Support => "role-support",
        Role::ReadOnly => "role-read-only",
    }
}

/// A path for each row that has an id in it, with an id of that merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    vec![
        ("/client/team/members/{user}", team::samples::member),
        ("/client/team/members/{user}/remove", team::samples::member_to_remove),
        ("/client/team/invitations/{id}/withdraw", team::samples::invitation),
    ]
}
