package kernel

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Team runs the parts of an operation on a fixed number of threads. It owns one goroutine less than
// that; the caller of [Team.Run] is the remaining one.
//
// Which thread runs a part is a matter of chance. Results do not depend on it if the parts write to
// separate memory and if the division into parts does not depend on [Team.Size].
type Team struct {
	wake []chan struct{} // one per worker; closed by Close
	busy atomic.Bool     // a Run is under way, or the team is closed
	shut bool            // Close has been called
	done sync.WaitGroup  // workers of the current Run
	exit sync.WaitGroup  // workers alive

	// The current Run. Written while no worker is awake.
	parts int64
	f     func(part int)
	next  atomic.Int64

	failure sync.Mutex
	failed  *PartPanic
}

// PartPanic is the value with which [Team.Run] panics when a part has panicked.
type PartPanic struct {
	Part  int    // the lowest part that panicked
	Value any    // what it panicked with
	Stack []byte // its stack
}

func (p *PartPanic) Error() string {
	return fmt.Sprintf("kernel: part %d panicked: %v\n%s", p.Part, p.Value, p.Stack)
}

// Unwrap returns the panic's value if it is an error.
func (p *PartPanic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// NewTeam returns a team of threads threads, at least 1. Close it when it is no longer needed.
func NewTeam(threads int) *Team {
	if threads < 1 {
		panic("kernel: NewTeam: a team has at least one thread")
	}
	t := &Team{wake: make([]chan struct{}, threads-1)}
	t.exit.Add(len(t.wake))
	for i := range t.wake {
		t.wake[i] = make(chan struct{}, 1)
		go t.work(t.wake[i])
	}
	return t
}

// Size returns the number of threads.
func (t *Team) Size() int { return len(t.wake) + 1 }

// Run calls f(0) to f(parts-1), each exactly once, on up to Size threads, and returns when all calls have
// returned. It allocates nothing; a caller that must not allocate either keeps f instead of creating it
// for each call.
//
// If calls panic, the others are still made, and then Run panics with a *PartPanic for the lowest part.
// Run must not be called concurrently or from within f, nor after Close. f must not call runtime.Goexit.
func (t *Team) Run(parts int, f func(part int)) {
	if parts <= 0 {
		return
	}
	if !t.busy.CompareAndSwap(false, true) {
		panic("kernel: Team.Run: the team is busy or closed")
	}
	t.parts, t.f = int64(parts), f
	t.next.Store(0)
	helpers := min(len(t.wake), parts-1)
	t.done.Add(helpers)
	for _, w := range t.wake[:helpers] {
		w <- struct{}{}
	}
	t.drain()
	t.done.Wait()
	t.f = nil
	failed := t.failed
	t.failed = nil
	t.busy.Store(false)
	if failed != nil {
		panic(failed)
	}
}

// Close ends the workers and waits for them. It must not be called during a Run; a second call has no
// effect.
func (t *Team) Close() {
	if t.shut {
		return
	}
	if !t.busy.CompareAndSwap(false, true) {
		panic("kernel: Team.Close: the team is busy")
	}
	t.shut = true
	for _, w := range t.wake {
		close(w)
	}
	t.exit.Wait()
}

func (t *Team) work(wake <-chan struct{}) {
	defer t.exit.Done()
	for range wake {
		t.drain()
		t.done.Done()
	}
}

// drain runs parts until none is left.
func (t *Team) drain() {
	for {
		part := t.next.Add(1) - 1
		if part >= t.parts {
			return
		}
		t.run(int(part))
	}
}

func (t *Team) run(part int) {
	defer func() {
		if v := recover(); v != nil {
			t.fail(&PartPanic{Part: part, Value: v, Stack: debug.Stack()})
		}
	}()
	t.f(part)
}

func (t *Team) fail(p *PartPanic) {
	t.failure.Lock()
	defer t.failure.Unlock()
	if t.failed == nil || p.Part < t.failed.Part {
		t.failed = p
	}
}
