// Package live shows a study while it runs: as progress bars on a terminal, as plain log lines
// elsewhere. It is told what happens and keeps nothing that outlasts the run.
//
// Two things implement Display: Terminal (terminal.go), which draws with mpb, and Log (log.go), which
// writes one log/slog line per event. The texts that both show are made in text.go.
package live

import "time"

// Display is told of the events of a study. All methods may be called from several goroutines at
// once, and do nothing after Close.
type Display interface {
	// Start shows what is about to run. It comes before all other calls.
	Start(Info)
	// TrialStarted announces a trial.
	TrialStarted(id int, name string)
	// TrialProgress says how far a started trial is. It may be called as often as is convenient.
	TrialProgress(id int, s Step)
	// TrialDone says how a trial ended, in one line: its figures, or why it failed.
	TrialDone(id int, name, summary string, failed bool)
	// Best shows the front so far.
	Best(front []Point)
	// Total says how far the study is, as a fraction, and how long it will still take if that is known.
	Total(done float64, left time.Duration, known bool)
	// Note shows one line of text.
	Note(text string)
	// Close ends the display within a second and leaves the cursor at the start of a line.
	Close()
}

// Info says what runs.
type Info struct {
	Accelerator       string
	AcceleratorStatus string // "estimated" or "validated"
	Network           string
	Data              string
	Study             string // the study's folder
	// Plan is how long the study goes on, in words: "budget 10m0s", "16 evaluations".
	Plan string
}

// Step is a place within the training of one trial.
type Step struct {
	Phase string
	// PhaseIndex counts from 0 to Phases-1.
	PhaseIndex, Phases int
	// Epoch is how many of the phase's Epochs are trained; both may be fractions.
	Epoch, Epochs float64
	// Done is the fraction of the whole trial, all phases together.
	Done float64
}

// Point is a design of the front so far.
type Point struct {
	MemoryKB float64 // kB of 8000 bits
	Accuracy float64 // percent
}
