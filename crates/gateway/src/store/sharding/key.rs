//! Reads a statement and says whether it stays within one merchant: whether each table that is distributed by `merchant_id` has an equality
//! on it with the same parameter, directly or over the tables it is joined with. Only what the parser says counts, no pattern of text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, FromTable, Insert, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
    SetExpr, Statement, TableFactor, TableObject, TableWithJoins, Value, Visit, Visitor, visit_relations,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// What the tables of a statement have to do with merchants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Distributed by `merchant_id`.
    Distributed,
    /// Small, and the same on every node.
    Reference,
    /// On one node.
    OneNode,
}

/// How far a statement reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// No distributed table.
    None,
    /// One merchant, named by a parameter.
    OneMerchant,
    /// All merchants, each with its own rows only: every node can do its part.
    EachMerchant,
    /// Rows of different merchants, or of merchants and of what is on one node.
    Across,
}

/// A table as often as a statement names it.
#[derive(Debug)]
struct Place {
    /// The name that columns are qualified with.
    called: String,
    kind: Kind,
    has_key: bool,
    /// Places and parameters whose `merchant_id` is the same.
    class: usize,
}

pub struct Reader<'s> {
    pub kind: &'s dyn Fn(&str) -> Kind,
    pub has_key: &'s dyn Fn(&str) -> bool,
}

struct Walk<'r, 's> {
    reader: &'r Reader<'s>,
    places: Vec<Place>,
    /// Which places each query around the present one has.
    scopes: Vec<Vec<usize>>,
    /// The class of each parameter.
    parameters: BTreeMap<String, usize>,
    classes: usize,
}

impl Reader<'_> {
    /// # Panics
    /// When the statement is of a kind that the store does not use, or a table in it was overlooked.
    pub fn reach(&self, sql: &str) -> Reach {
        let statement = Parser::parse_sql(&PostgreSqlDialect {}, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let [statement] = statement.as_slice() else { panic!("{sql}: not one statement") };
        let mut walk =
            Walk { reader: self, places: Vec::new(), scopes: Vec::new(), parameters: BTreeMap::new(), classes: 0 };
        match statement {
            Statement::Query(_) => {}
            Statement::Insert(insert) => walk.insert(insert),
            Statement::Update(update) => {
                assert!(update.from.is_none(), "{sql}: UPDATE … FROM");
                walk.scope(std::slice::from_ref(&update.table), update.selection.as_ref());
            }
            Statement::Delete(delete) => {
                let FromTable::WithFromKeyword(from) = &delete.from else { panic!("{sql}: DELETE without FROM") };
                assert!(delete.using.is_none(), "{sql}: DELETE … USING");
                walk.scope(from, delete.selection.as_ref());
            }
            other => panic!("{sql}: {other:?}"),
        }
        let _ = statement.visit(&mut walk);
        let mut named = 0;
        let _ = visit_relations(statement, |_| {
            named += 1;
            ControlFlow::<()>::Continue(())
        });
        assert_eq!(named, walk.places.len(), "{sql}: a table was overlooked");
        walk.reach()
    }
}

impl Walk<'_, '_> {
    fn reach(&self) -> Reach {
        let of = |kind| self.places.iter().filter(move |place| place.kind == kind);
        let classes: BTreeSet<usize> = of(Kind::Distributed).map(|place| place.class).collect();
        let named = self.parameters.values().any(|class| classes.contains(class));
        match (classes.len(), of(Kind::OneNode).count()) {
            (0, _) => Reach::None,
            (1, 0) if named => Reach::OneMerchant,
            (1, 0) => Reach::EachMerchant,
            _ => Reach::Across,
        }
    }

    fn new_class(&mut self) -> usize {
        self.classes += 1;
        self.classes
    }

    fn place(&mut self, name: &ObjectName, alias: Option<String>) -> usize {
        let name = name.to_string();
        let (kind, has_key) = ((self.reader.kind)(&name), (self.reader.has_key)(&name));
        let class = self.new_class();
        self.places.push(Place { called: alias.unwrap_or(name), kind, has_key, class });
        self.places.len() - 1
    }

    /// A query's tables and conditions.
    fn scope(&mut self, from: &[TableWithJoins], selection: Option<&Expr>) {
        let (mut places, mut conditions) = (Vec::new(), Vec::new());
        for TableWithJoins { relation, joins } in from {
            places.extend(self.factor(relation));
            for join in joins {
                places.extend(self.factor(&join.relation));
                match &join.join_operator {
                    JoinOperator::Join(JoinConstraint::On(on)) | JoinOperator::Inner(JoinConstraint::On(on)) => {
                        conditions.push(on);
                    }
                    other => panic!("a join of another kind: {other:?}"),
                }
            }
        }
        conditions.extend(selection);
        self.scopes.push(places);
        for condition in conditions {
            self.conjunct(condition);
        }
    }

    fn factor(&mut self, factor: &TableFactor) -> Option<usize> {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                Some(self.place(name, alias.as_ref().map(|alias| alias.name.value.clone())))
            }
            // a query of its own, which is come to as one
            TableFactor::Derived { lateral: false, .. } => None,
            other => panic!("not a table: {other:?}"),
        }
    }

    /// What holds for every row that comes out: only what is joined by AND.
    fn conjunct(&mut self, condition: &Expr) {
        match condition {
            Expr::Nested(inner) => self.conjunct(inner),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.conjunct(left);
                self.conjunct(right);
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                if let (Some(left), Some(right)) = (self.class_of(left), self.class_of(right)) {
                    self.unite(left, right);
                }
            }
            _ => {}
        }
    }

    fn unite(&mut self, one: usize, other: usize) {
        let classes = self.places.iter_mut().map(|place| &mut place.class).chain(self.parameters.values_mut());
        classes.filter(|class| **class == other).for_each(|class| *class = one);
    }

    /// The class of a merchant's id: of a column, or of a parameter.
    fn class_of(&mut self, side: &Expr) -> Option<usize> {
        match side {
            Expr::Identifier(column) if column.value == "merchant_id" => {
                // of the innermost query that has such a column
                let place =
                    self.scopes.iter().rev().find_map(|scope| scope.iter().find(|at| self.places[**at].has_key));
                place.map(|at| self.places[*at].class)
            }
            Expr::CompoundIdentifier(parts) => {
                let [table, column] = parts.as_slice() else { return None };
                if column.value != "merchant_id" {
                    return None;
                }
                let mut around = self.scopes.iter().rev().flatten();
                around.find(|at| self.places[**at].called == table.value).map(|at| self.places[*at].class)
            }
            side => self.parameter(side),
        }
    }

    fn parameter(&mut self, side: &Expr) -> Option<usize> {
        let Expr::Value(value) = side else { return None };
        let Value::Placeholder(name) = &value.value else { return None };
        if let Some(class) = self.parameters.get(name) {
            return Some(*class);
        }
        let class = self.new_class();
        self.parameters.insert(name.clone(), class);
        Some(class)
    }

    /// What goes in has the merchant in its own column.
    fn insert(&mut self, insert: &Insert) {
        let TableObject::TableName(name) = &insert.table else { panic!("not a table: {insert}") };
        let into = self.place(name, None);
        let Some(at) = insert.columns.iter().position(|column| column.to_string() == "merchant_id") else { return };
        let values: Vec<&Expr> = match insert.source.as_ref().map(|source| source.body.as_ref()) {
            Some(SetExpr::Values(values)) => values.rows.iter().filter_map(|row| row.content.get(at)).collect(),
            Some(SetExpr::Select(select)) => match select.projection.get(at) {
                Some(SelectItem::UnnamedExpr(value)) => vec![value],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let [value] = values.as_slice() else { return };
        if let Some(class) = self.parameter(value) {
            self.unite(class, self.places[into].class);
        }
    }

    fn selects(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => {
                let Select { from, selection, .. } = select.as_ref();
                self.scope(from, selection.as_ref());
            }
            SetExpr::SetOperation { left, right, .. } => {
                self.selects(left);
                self.selects(right);
            }
            SetExpr::Values(_) => {}
            other => panic!("{other}"),
        }
    }
}

impl Visitor for Walk<'_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        assert!(query.with.is_none(), "{query}: WITH");
        let before = self.scopes.len();
        self.selects(&query.body);
        // the parts of a union see what is around them, not each other
        let own: Vec<usize> = self.scopes.drain(before..).flatten().collect();
        self.scopes.push(own);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.scopes.pop();
        ControlFlow::Continue(())
    }
}
