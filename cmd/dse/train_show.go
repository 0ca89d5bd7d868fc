package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	"dse/qat"
)

// How often the display of dse train changes.
const (
	showOnTerminal = 200 * time.Millisecond
	showInLog      = 10 * time.Second
)

// trainShow shows a training run in one line: on a terminal the line is drawn anew, elsewhere a line is
// added now and then.
type trainShow struct {
	w        io.Writer
	terminal bool
	batch    int
	began    time.Time
	doneAt   float64 // share of the run when the session began
	shown    time.Time
	steps    int // since shown
	loss     float64
	correct  int
	of       int
	drawn    bool
}

func newTrainShow(w io.Writer, batch int) *trainShow {
	s := &trainShow{w: w, batch: batch}
	if f, ok := w.(*os.File); ok {
		s.terminal = isatty.IsTerminal(f.Fd())
	}
	return s
}

// progress is told of each step.
func (s *trainShow) progress(p qat.Progress) {
	now := time.Now()
	if s.began.IsZero() {
		s.began, s.shown, s.doneAt = now, now, p.Done
	}
	s.steps++
	s.loss += p.Loss
	s.correct, s.of = s.correct+p.Correct, s.of+p.Of
	period := showInLog
	if s.terminal {
		period = showOnTerminal
	}
	since := now.Sub(s.shown)
	if since < period && p.Step < p.Steps {
		return
	}
	left := "?"
	if gained := p.Done - s.doneAt; gained > 0 {
		left = time.Duration(float64(now.Sub(s.began)) * (1 - p.Done) / gained).Round(time.Second).String()
	}
	speed := 0.0
	if since > 0 {
		speed = float64(s.steps*s.batch) / since.Seconds()
	}
	text := fmt.Sprintf("%s, epoch %.2f of %g, loss %.4f, %.1f %% of training images, %.0f images/s, %.0f %% done, %s left",
		p.Phase, p.Epoch, p.Epochs, s.loss/float64(s.steps), 100*float64(s.correct)/float64(max(1, s.of)), speed, 100*p.Done, left)
	if s.terminal {
		fmt.Fprintf(s.w, "\r\x1b[K%s", text)
		s.drawn = true
	} else {
		fmt.Fprintln(s.w, text)
	}
	s.shown, s.steps, s.loss, s.correct, s.of = now, 0, 0, 0, 0
}

// close leaves the cursor at the start of a line.
func (s *trainShow) close() {
	if s.drawn {
		fmt.Fprintln(s.w)
		s.drawn = false
	}
}
