package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dse/qat"
)

// metric is a line of metrics.jsonl: one training step. Time is not part of it, so the files of equal
// runs are equal.
type metric struct {
	Phase    string  `json:"phase"`
	Index    int     `json:"phase_index"`
	Step     int     `json:"step"` // of the phase, from 1
	Epoch    float64 `json:"epoch"`
	Loss     float64 `json:"loss"`
	Accuracy float64 `json:"train_accuracy"` // of the step's batch, in [0, 1]
	Rate     float64 `json:"rate"`
}

const csvHead = "phase,phase_index,step,epoch,loss,train_accuracy,rate\n"

// metrics writes a line to metrics.jsonl and to metrics.csv every few steps.
type metrics struct {
	dir         string
	every       int
	lines, rows *os.File
	err         error // the first; it ends the writing
}

func newMetrics(dir string, every int) *metrics { return &metrics{dir: dir, every: every} }

// add is told of each step.
func (m *metrics) add(p qat.Progress) {
	if m.err != nil {
		return
	}
	if m.lines == nil {
		if m.err = m.open(p); m.err != nil {
			return
		}
	}
	if p.Step%m.every != 0 && p.Step != p.Steps {
		return
	}
	m.err = m.write(metric{p.Phase, p.PhaseIndex, p.Step, p.Epoch, p.Loss, float64(p.Correct) / float64(max(1, p.Of)), p.Rate})
}

// open keeps what stands in the files of the steps before the first one of this session, and drops the
// rest: a run that was killed may have written more lines than its state has steps.
func (m *metrics) open(first qat.Progress) error {
	path := filepath.Join(m.dir, "metrics.jsonl")
	var kept []metric
	if text, err := os.ReadFile(path); err == nil {
		for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
			var l metric
			if json.Unmarshal(s.Bytes(), &l) != nil {
				break // a line that was cut short, and all behind it
			}
			if l.Index < first.PhaseIndex || (l.Index == first.PhaseIndex && l.Step < first.Step) {
				kept = append(kept, l)
			}
		}
	}
	var err error
	if m.lines, err = os.Create(path); err != nil {
		return err
	}
	if m.rows, err = os.Create(filepath.Join(m.dir, "metrics.csv")); err != nil {
		return err
	}
	if _, err := m.rows.WriteString(csvHead); err != nil {
		return err
	}
	for _, l := range kept {
		if err := m.write(l); err != nil {
			return err
		}
	}
	return nil
}

func (m *metrics) write(l metric) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := m.lines.Write(append(text, '\n')); err != nil {
		return err
	}
	_, err = fmt.Fprintf(m.rows, "%q,%d,%d,%v,%v,%v,%v\n", l.Phase, l.Index, l.Step, l.Epoch, l.Loss, l.Accuracy, l.Rate)
	return err
}

// close ends the writing and returns the first error.
func (m *metrics) close() error {
	err := m.err
	if m.lines != nil {
		err = errors.Join(err, m.lines.Close())
	}
	if m.rows != nil {
		err = errors.Join(err, m.rows.Close())
	}
	return err
}
