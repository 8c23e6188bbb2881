//! Records against SQLite and against a real PostgreSQL: the same scenarios on both.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests say bluntly what they expect")]

#[path = "../../../tests/sizes.rs"]
mod sizes;

#[path = "records/accounts.rs"]
mod accounts;
#[path = "records/core.rs"]
mod core;
#[path = "records/crash.rs"]
mod crash;
#[path = "records/ground.rs"]
mod ground;
#[path = "records/schema.rs"]
mod schema;
#[path = "records/zoning.rs"]
mod zoning;

/// Each scenario is a test on SQLite; one test runs them all on one PostgreSQL, each in a database of its own.
macro_rules! scenarios {
    ($($module:ident::$name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                crate::ground::on_sqlite(crate::$module::$name);
            })*
        }

        #[test]
        fn heavy_postgres() {
            let Some(cluster) = ground::Cluster::start() else { return };
            let mut failed = Vec::new();
            $(if !cluster.run(stringify!($name), $module::$name) {
                failed.push(stringify!($name));
            })*
            assert!(failed.is_empty(), "on PostgreSQL: {failed:?}");
        }
    };
}

scenarios![
    core::a_unit_that_is_dropped_leaves_nothing,
    core::without_its_audit_event_nothing_is_written,
    core::a_failed_statement_cannot_be_committed,
    core::the_chain_names_the_first_broken_link,
    core::a_cut_end_and_a_forged_chain_are_found_by_a_head_that_was_kept,
    core::what_was_told_cannot_be_changed,
    core::of_many_posts_with_one_key_one_is_done,
    core::a_key_for_another_request_is_refused_until_it_expires,
    core::numbers_have_no_gaps,
    core::the_outbox_is_read_from_a_position,
    core::text_with_nul_is_refused_alike,
    accounts::the_first_account_needs_the_code,
    accounts::five_wrong_passwords_lock,
    accounts::many_tries_at_a_time_gain_nothing,
    accounts::a_network_address_is_locked_too,
    accounts::heavy_an_unknown_login_costs_the_same,
    accounts::sessions_rotate_end_and_are_listed,
    accounts::a_change_of_roles_password_or_state_ends_sessions,
    accounts::no_secret_is_kept,
    zoning::four_eyes_publish,
    zoning::overlap_is_refused_and_an_ended_term_is_not,
    zoning::in_force_as_known_then,
    zoning::a_case_is_replayed_to_the_byte,
    zoning::pages_neither_repeat_nor_leave_out,
    zoning::cases_are_found,
    zoning::judgements_end_with_their_edition,
    zoning::objections_follow_their_steps,
    zoning::follow_ups_have_revisions,
    zoning::an_impact_run_goes_with_publishing,
    schema::schema_sql_is_what_the_migrations_make,
    schema::a_database_of_the_first_version_is_brought_up_to_date,
    schema::a_newer_database_is_refused,
    crash::heavy_killed_writers_leave_a_whole_chain,
];

/// Not a test: the writer that [`crash`] kills.
#[test]
#[ignore = "run by the crash test as a process of its own"]
fn crash_child() {
    crash::write_until_killed();
}
