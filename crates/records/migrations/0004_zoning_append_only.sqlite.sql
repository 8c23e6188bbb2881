-- What was told is not changed. SQLite's half; the other dialect has its own file of this number.

CREATE TRIGGER edition_no_update BEFORE UPDATE ON edition
BEGIN
    SELECT RAISE(ABORT, 'edition is append-only');
END;

CREATE TRIGGER edition_no_delete BEFORE DELETE ON edition
BEGIN
    SELECT RAISE(ABORT, 'edition is append-only');
END;

CREATE TRIGGER edition_step_no_update BEFORE UPDATE ON edition_step
BEGIN
    SELECT RAISE(ABORT, 'edition_step is append-only');
END;

CREATE TRIGGER edition_step_no_delete BEFORE DELETE ON edition_step
BEGIN
    SELECT RAISE(ABORT, 'edition_step is append-only');
END;

CREATE TRIGGER screening_case_no_update BEFORE UPDATE ON screening_case
BEGIN
    SELECT RAISE(ABORT, 'screening_case is append-only');
END;

CREATE TRIGGER screening_case_no_delete BEFORE DELETE ON screening_case
BEGIN
    SELECT RAISE(ABORT, 'screening_case is append-only');
END;

CREATE TRIGGER case_unit_no_update BEFORE UPDATE ON case_unit
BEGIN
    SELECT RAISE(ABORT, 'case_unit is append-only');
END;

CREATE TRIGGER case_unit_no_delete BEFORE DELETE ON case_unit
BEGIN
    SELECT RAISE(ABORT, 'case_unit is append-only');
END;

CREATE TRIGGER judgement_no_update BEFORE UPDATE ON judgement
BEGIN
    SELECT RAISE(ABORT, 'judgement is append-only');
END;

CREATE TRIGGER judgement_no_delete BEFORE DELETE ON judgement
BEGIN
    SELECT RAISE(ABORT, 'judgement is append-only');
END;

CREATE TRIGGER judgement_revoked_no_update BEFORE UPDATE ON judgement_revoked
BEGIN
    SELECT RAISE(ABORT, 'judgement_revoked is append-only');
END;

CREATE TRIGGER judgement_revoked_no_delete BEFORE DELETE ON judgement_revoked
BEGIN
    SELECT RAISE(ABORT, 'judgement_revoked is append-only');
END;

CREATE TRIGGER objection_no_update BEFORE UPDATE ON objection
BEGIN
    SELECT RAISE(ABORT, 'objection is append-only');
END;

CREATE TRIGGER objection_no_delete BEFORE DELETE ON objection
BEGIN
    SELECT RAISE(ABORT, 'objection is append-only');
END;

CREATE TRIGGER objection_step_no_update BEFORE UPDATE ON objection_step
BEGIN
    SELECT RAISE(ABORT, 'objection_step is append-only');
END;

CREATE TRIGGER objection_step_no_delete BEFORE DELETE ON objection_step
BEGIN
    SELECT RAISE(ABORT, 'objection_step is append-only');
END;

CREATE TRIGGER follow_up_no_update BEFORE UPDATE ON follow_up
BEGIN
    SELECT RAISE(ABORT, 'follow_up is append-only');
END;

CREATE TRIGGER follow_up_no_delete BEFORE DELETE ON follow_up
BEGIN
    SELECT RAISE(ABORT, 'follow_up is append-only');
END;

CREATE TRIGGER impact_run_no_update BEFORE UPDATE ON impact_run
BEGIN
    SELECT RAISE(ABORT, 'impact_run is append-only');
END;

CREATE TRIGGER impact_run_no_delete BEFORE DELETE ON impact_run
BEGIN
    SELECT RAISE(ABORT, 'impact_run is append-only');
END;
