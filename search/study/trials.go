package study

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Status is how far a trial has come. Pending goes to Finished or Failed, and nowhere from there.
type Status string

const (
	// Pending trials were proposed, and perhaps started, but have no outcome.
	Pending Status = "pending"
	// Finished trials have an outcome.
	Finished Status = "finished"
	// Failed trials have a reason, and an outcome where the evaluator gave one.
	Failed Status = "failed"
)

// Trial is one row of the study.
type Trial struct {
	ID     int
	Kind   string
	Genome string // canonical text of what is trained
	Key    string // of the same
	Status Status
	Seed   uint64
	// Outcome is compact JSON; nil while pending.
	Outcome json.RawMessage
	// Reason of a failure in one line.
	Reason string
	// Seconds of wall time of the evaluation; 0 while pending. Not part of the digest.
	Seconds float64
}

// Queue records new trials as pending, all or none. The status given is not looked at.
func (s *Study) Queue(trials []Trial) error {
	err := s.transact(func(tx *sql.Tx) error {
		for _, t := range trials {
			_, err := tx.Exec(`INSERT INTO trials (id, kind, genome, key, status, seed, outcome, reason) VALUES (?, ?, ?, ?, ?, ?, '', '')`,
				t.ID, t.Kind, t.Genome, t.Key, Pending, strconv.FormatUint(t.Seed, 10))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return s.explain(fmt.Sprintf("record %d new trials", len(trials)), err)
}

// Start records when the evaluation of a pending trial began and the wall time spent so far.
func (s *Study) Start(id int, at time.Time, spent time.Duration) error {
	err := s.transact(func(tx *sql.Tx) error {
		if err := setSpent(tx, spent); err != nil {
			return err
		}
		return updatePending(tx, `started_at = ?`, id, at.UTC().Format(time.RFC3339Nano))
	})
	return s.explain(fmt.Sprintf("record the start of trial %d", id), err)
}

// Finish records the end of a pending trial: t.Status (Finished or Failed), Outcome, Reason and
// Seconds, together with the wall time spent so far.
func (s *Study) Finish(t Trial, spent time.Duration) error {
	if t.Status != Finished && t.Status != Failed {
		panic("study: a trial must end finished or failed")
	}
	err := s.transact(func(tx *sql.Tx) error {
		if err := setSpent(tx, spent); err != nil {
			return err
		}
		return updatePending(tx, `status = ?, outcome = ?, reason = ?, seconds = ?`,
			t.ID, t.Status, string(t.Outcome), t.Reason, t.Seconds)
	})
	return s.explain(fmt.Sprintf("record the outcome of trial %d", t.ID), err)
}

// updatePending changes columns of one trial that has no outcome yet.
func updatePending(tx *sql.Tx, assignments string, id int, values ...any) error {
	result, err := tx.Exec(`UPDATE trials SET `+assignments+` WHERE id = ? AND status = 'pending'`, append(values, id)...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		panic("study: update of a trial that is not pending")
	}
	return nil
}

// Trials returns all trials in the order of their ids.
func (s *Study) Trials() ([]Trial, error) {
	trials, err := s.readTrials()
	if err != nil {
		return nil, s.explain("read its trials", err)
	}
	return trials, nil
}

func (s *Study) readTrials() (trials []Trial, err error) {
	rows, err := s.db.Query(`SELECT id, kind, genome, key, status, seed, outcome, reason, seconds FROM trials ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			t             Trial
			seed, outcome string
			seconds       sql.NullFloat64
		)
		if err := rows.Scan(&t.ID, &t.Kind, &t.Genome, &t.Key, &t.Status, &seed, &outcome, &t.Reason, &seconds); err != nil {
			return nil, err
		}
		if t.Seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
			return nil, fmt.Errorf("trial %d: seed %q", t.ID, seed)
		}
		if outcome != "" {
			t.Outcome = json.RawMessage(outcome)
		}
		t.Seconds = seconds.Float64
		trials = append(trials, t)
	}
	return trials, rows.Err()
}

// Digest returns the SHA-256, in hexadecimal, of all that the study holds except times. Studies
// with equal settings end with equal digests, whatever interrupted them and however many workers
// they had.
func (s *Study) Digest() (string, error) {
	trials, err := s.Trials()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	writeFields(h, strconv.Itoa(schemaVersion), s.settings.program, s.settings.accelerator, strconv.FormatUint(s.settings.seed, 10))
	for _, t := range trials {
		writeFields(h, strconv.Itoa(t.ID), t.Kind, t.Genome, t.Key, string(t.Status),
			strconv.FormatUint(t.Seed, 10), string(t.Outcome), t.Reason)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// writeFields writes each field after its length, so that no two lists give the same bytes.
func writeFields(w io.Writer, fields ...string) {
	var b bytes.Buffer
	for _, f := range fields {
		b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(f))))
		b.WriteString(f)
	}
	w.Write(b.Bytes()) // a hash never fails
}
