//! Who may do what with a merchant's business: people have a role at a merchant, and each page asks for one permission.

/// What a person is at a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything, the owners too. There is always one.
    Owner,
    /// Everything but owners.
    Admin,
    /// Money: refunds, pay-outs, statements.
    Finance,
    /// What programs need: keys, addresses, callbacks.
    Developer,
    /// Payers' questions: looks at invoices, sends links and callbacks again.
    Support,
    /// Looks at what the business does, changes nothing.
    ReadOnly,
}

/// One thing that a page shows or a form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    ViewInvoices,
    CreateInvoices,
    CancelInvoices,
    /// Giving money back to payers.
    Refund,
    /// Saying that money has arrived on the merchant's own VPA.
    ConfirmUpi,
    ViewCallbacks,
    ResendCallbacks,
    /// Where callbacks go, and their secret.
    ManageCallbacks,
    ViewBalances,
    /// Funds, payments out, approvals.
    MoveMoney,
    /// Files for accountants: invoices, ledger, statements.
    Export,
    ViewApi,
    /// API keys and the addresses they may be used from.
    ManageApi,
    ViewProfile,
    /// Company, wallet, coins, branding.
    ManageProfile,
    ViewTeam,
    ManageTeam,
    /// The log of people's acts.
    ViewActs,
}

use Permission::*;

impl Role {
    pub const ALL: [Role; 6] =
        [Role::Owner, Role::Admin, Role::Finance, Role::Developer, Role::Support, Role::ReadOnly];

    /// As rows and forms say it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Finance => "finance",
            Role::Developer => "developer",
            Role::Support => "support",
            Role::ReadOnly => "read_only",
        }
    }

    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    pub fn may(self, permission: Permission) -> bool {
        let of_all = matches!(permission, ViewInvoices | ViewCallbacks | ViewBalances | ViewProfile | ViewTeam);
        of_all
            || match self {
                Role::Owner | Role::Admin => true,
                Role::Finance => matches!(
                    permission,
                    CreateInvoices | CancelInvoices | Refund | ConfirmUpi | MoveMoney | Export | ViewActs
                ),
                Role::Developer => matches!(
                    permission,
                    CreateInvoices | CancelInvoices | ResendCallbacks | ManageCallbacks | ViewApi | ManageApi
                ),
                Role::Support => matches!(permission, CreateInvoices | CancelInvoices | ResendCallbacks),
                Role::ReadOnly => matches!(permission, ViewActs),
            }
    }

    /// Whether one may give, change or take this role: only owners make owners and unmake them.
    pub fn may_appoint(self, other: Role) -> bool {
        self.may(ManageTeam) && (self == Role::Owner || other != Role::Owner)
    }
}

impl Permission {
    pub const ALL: [Permission; 18] = [
        ViewInvoices,
        CreateInvoices,
        CancelInvoices,
        Refund,
        ConfirmUpi,
        ViewCallbacks,
        ResendCallbacks,
        ManageCallbacks,
        ViewBalances,
        MoveMoney,
        Export,
        ViewApi,
        ManageApi,
        ViewProfile,
        ManageProfile,
        ViewTeam,
        ManageTeam,
        ViewActs,
    ];

    /// Whether it only shows: what an operator has of a merchant he looks at. Files leave the house, so they are not among it.
    pub fn only_shows(self) -> bool {
        matches!(self, ViewInvoices | ViewCallbacks | ViewBalances | ViewApi | ViewProfile | ViewTeam | ViewActs)
    }
}

/// How a person stands to a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Member(Role),
    /// An operator who looks, and never acts in the merchant's name.
    SupportView,
}

impl Access {
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Access::Member(role) => role.may(permission),
            Access::SupportView => permission.only_shows(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
        }
        assert_eq!(Role::parse("Owner"), None);
    }

    #[test]
    fn who_may_what() {
        let may = |role: Role| Permission::ALL.into_iter().filter(|permission| role.may(*permission)).count();
        assert_eq!(Role::ALL.map(may), [18, 18, 12, 11, 8, 6]);
        for role in [Role::Finance, Role::Developer, Role::Support, Role::ReadOnly] {
            for permission in [ManageTeam, ManageProfile] {
                assert!(!role.may(permission), "{role:?} {permission:?}");
            }
        }
        for permission in Permission::ALL {
            let money = matches!(permission, Refund | MoveMoney | ConfirmUpi);
            let few = [Role::Owner, Role::Admin, Role::Finance];
            assert!(!money || Role::ALL.iter().all(|role| role.may(permission) == few.contains(role)));
            // whoever only looks changes nothing
            assert!(!Role::ReadOnly.may(permission) || permission.only_shows(), "{permission:?}");
            assert_eq!(Access::SupportView.may(permission), permission.only_shows());
        }
    }

    #[test]
    fn only_owners_touch_owners() {
        assert!(Role::Owner.may_appoint(Role::Owner) && Role::Admin.may_appoint(Role::Admin));
        assert!(!Role::Admin.may_appoint(Role::Owner) && !Role::Finance.may_appoint(Role::ReadOnly));
    }
}
