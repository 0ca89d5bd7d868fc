package dram

import (
	"errors"
	"fmt"
	"io/fs"

	"dse/sim/agreement"
)

// Validate replays the streams of reference data and compares. data holds golden.csv, and may hold a
// second set of other devices and another layout in extra/golden.csv; they are reported as the
// sources dram and dram_extra. Quantities: cycles, read_latency, activates and energy of the
// event-driven model, and cycles_closed_form and activates_closed_form of Estimate. The devices that
// the data names are those of this package, whatever tables lie beside the data.
func Validate(data fs.FS) ([]agreement.Row, error) {
	runs, err := readRuns(data, "golden.csv")
	if err != nil {
		return nil, err
	}
	out, err := replayAll("dram", runs)
	if err != nil {
		return nil, err
	}
	const extra = "extra/golden.csv"
	if _, err := fs.Stat(data, extra); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if runs, err = readExtraRuns(data, extra); err != nil {
		return nil, err
	}
	more, err := replayAll("dram_extra", runs)
	return append(out, more...), err
}

// bench is a device with both models of it.
type bench struct {
	device   Device
	memory   *Memory
	estimate *Estimator
}

// replayAll replays runs of one source.
func replayAll(source string, runs []run) ([]agreement.Row, error) {
	benches := map[string]*bench{}
	quantities := []string{"cycles", "read_latency", "activates", "energy", "cycles_closed_form", "activates_closed_form"}
	comparisons := make([]*agreement.Comparison, len(quantities))
	for q, name := range quantities {
		comparisons[q] = agreement.New(source, name)
	}
	for i := range runs {
		r := &runs[i]
		b := benches[r.device]
		if b == nil {
			d, err := Lookup(r.device)
			if err != nil {
				return nil, err
			}
			b = &bench{device: d, memory: New(&d, Hooks{}), estimate: NewEstimator(&d)}
			benches[r.device] = b
		}
		event, form := b.replay(r), b.estimate.Estimate(&r.load)
		if event.Requests != r.bursts {
			return nil, fmt.Errorf("dram: row %s says %d bursts, but its streams make %d: correct one of them", r.id, r.bursts, event.Requests)
		}
		for q, p := range []struct{ ours, want, digit float64 }{
			{float64(event.Clocks), r.clocks, 0},
			{event.MeanReadLatency(), r.latency, r.latencyDigit},
			{float64(event.Activates), r.activates, 0},
			{float64(event.Energy(b.device.Energy()).Total()), r.energy, r.energy * energyDigits},
			{float64(form.Clocks), r.clocks, 0},
			{float64(form.Activates), r.activates, 0},
		} {
			if p.want != 0 { // runs without reads have no latency
				comparisons[q].AddPrinted(r.id, p.ours, p.want, p.digit)
			}
		}
	}
	var out []agreement.Row
	for _, c := range comparisons {
		out = append(out, c.Row())
	}
	return out, nil
}

// replay plays one run on a memory after power-up.
func (b *bench) replay(r *run) Stats {
	m := b.memory
	m.Reset()
	m.offerAll(r.load.Source(&b.device), r.load.Pace(&b.device))
	if r.keepsWrites {
		m.Settle()
	} else {
		m.Drain()
	}
	return m.Stats()
}
