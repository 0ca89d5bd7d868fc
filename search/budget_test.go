package search

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// fakeClock goes only when it is told to.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Every trial takes 10 s: the float trial and three baselines end at 40 s.
const trialTime = 10 * time.Second

func (c *fakeClock) evaluate(ctx context.Context, t Trial) (Outcome, error) {
	c.advance(trialTime)
	return stagewise(ctx, t)
}

func budgetSettings(c *fakeClock, budget time.Duration, evaluations int) Settings {
	s := sampleSettings()
	s.Clock, s.Budget, s.Evaluations = c.Now, budget, evaluations
	return s
}

func TestBudget(t *testing.T) {
	for _, c := range []struct {
		name        string
		budget      time.Duration
		evaluations int
		designs     int
		generations int
		stop        StopReason
	}{
		{"none left for designs", 5 * time.Second, 0, 0, 0, BudgetSpent},
		{"exactly used by the baselines", 40 * time.Second, 0, 0, 0, BudgetSpent},
		{"just too short for one", 49 * time.Second, 0, 0, 0, BudgetSpent},
		{"just enough for one", 50 * time.Second, 0, 1, 0, BudgetSpent},
		{"whole first generation", 100 * time.Second, 0, 6, 1, BudgetSpent},
		{"part of the second", 125 * time.Second, 0, 8, 1, BudgetSpent},
		{"count comes first", 125 * time.Second, 3, 3, 1, AllEvaluated},
		{"budget comes first", 75 * time.Second, 7, 3, 0, BudgetSpent},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := &fakeClock{}
			s := budgetSettings(clock, c.budget, c.evaluations)
			dir := t.TempDir()
			state, _ := mustRun(t, dir, s, EvaluatorFunc(clock.evaluate))
			if got := len(designsOf(state)); got != c.designs || state.Stop != c.stop || state.Generations != c.generations {
				t.Errorf("%d designs, %d generations, %v; want %d, %d, %v",
					got, state.Generations, state.Stop, c.designs, c.generations, c.stop)
			}
			if want := time.Duration(4+c.designs) * trialTime; state.Spent != want {
				t.Errorf("spent %v, want %v", state.Spent, want)
			}
			// What was spent counts for a later session: it finds nothing left to do.
			clock.advance(time.Hour)
			again, _ := mustRun(t, dir, s, EvaluatorFunc(clock.evaluate))
			sameState(t, state, again)
			if again.Spent != state.Spent {
				t.Errorf("spent %v after the second session, want %v", again.Spent, state.Spent)
			}
		})
	}
}

// TestBudgetSpansSessions interrupts the third design after 5 s and resumes an hour later.
func TestBudgetSpansSessions(t *testing.T) {
	clock := &fakeClock{}
	s := budgetSettings(clock, 100*time.Second, 0)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := run(t, ctx, dir, s, EvaluatorFunc(func(ctx context.Context, trial Trial) (Outcome, error) {
		if trial.ID == 6 {
			clock.advance(5 * time.Second)
			cancel()
			return Outcome{}, ctx.Err()
		}
		return clock.evaluate(ctx, trial)
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	clock.advance(time.Hour)
	state, _ := mustRun(t, dir, s, EvaluatorFunc(clock.evaluate))
	// 65 s are spent; designs 6, 7 and 8 end at 75, 85 and 95 s.
	if got := len(designsOf(state)); got != 5 || state.Spent != 95*time.Second {
		t.Errorf("%d designs in %v, want 5 in 95s", got, state.Spent)
	}
}

// TestFailedTrialsDoNotShortenExpectation has every second design fail at once.
func TestFailedTrialsDoNotShortenExpectation(t *testing.T) {
	clock := &fakeClock{}
	s := budgetSettings(clock, 65*time.Second, 0)
	state, _ := mustRun(t, t.TempDir(), s, EvaluatorFunc(func(ctx context.Context, trial Trial) (Outcome, error) {
		if trial.Kind == DesignTrial && trial.ID%2 == 0 {
			return Outcome{}, errors.New("diverged")
		}
		return clock.evaluate(ctx, trial)
	}))
	// 40 s: 4 fails, 5 ends at 50 s, 6 fails, 7 ends at 60 s, 8 is expected to end at 70 s.
	if got := len(designsOf(state)); got != 4 {
		t.Errorf("%d designs, want 4", got)
	}
}
