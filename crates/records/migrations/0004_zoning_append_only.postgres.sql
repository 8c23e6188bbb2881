-- What was told is not changed. PostgreSQL's half; the other dialect has its own file of this number.

CREATE TRIGGER edition_no_change BEFORE UPDATE OR DELETE ON edition
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER edition_no_truncate BEFORE TRUNCATE ON edition
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER edition_step_no_change BEFORE UPDATE OR DELETE ON edition_step
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER edition_step_no_truncate BEFORE TRUNCATE ON edition_step
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER screening_case_no_change BEFORE UPDATE OR DELETE ON screening_case
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER screening_case_no_truncate BEFORE TRUNCATE ON screening_case
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER case_unit_no_change BEFORE UPDATE OR DELETE ON case_unit
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER case_unit_no_truncate BEFORE TRUNCATE ON case_unit
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER judgement_no_change BEFORE UPDATE OR DELETE ON judgement
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER judgement_no_truncate BEFORE TRUNCATE ON judgement
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER judgement_revoked_no_change BEFORE UPDATE OR DELETE ON judgement_revoked
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER judgement_revoked_no_truncate BEFORE TRUNCATE ON judgement_revoked
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER objection_no_change BEFORE UPDATE OR DELETE ON objection
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER objection_no_truncate BEFORE TRUNCATE ON objection
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER objection_step_no_change BEFORE UPDATE OR DELETE ON objection_step
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER objection_step_no_truncate BEFORE TRUNCATE ON objection_step
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER follow_up_no_change BEFORE UPDATE OR DELETE ON follow_up
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER follow_up_no_truncate BEFORE TRUNCATE ON follow_up
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER impact_run_no_change BEFORE UPDATE OR DELETE ON impact_run
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER impact_run_no_truncate BEFORE TRUNCATE ON impact_run
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
