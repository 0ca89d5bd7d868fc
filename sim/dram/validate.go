package dram

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Validate replays the streams of reference data and compares. dir holds golden.csv, and may hold a
// second set of other devices and another layout in extra/golden.csv; they are reported as the
// sources dram and dram_extra. Quantities: cycles, read_latency, activates and energy of the
// event-driven model, and cycles_closed_form and activates_closed_form of Estimate. The devices that
// the data names are those of this package, whatever tables lie beside the data.
func Validate(dir string) ([]Comparison, error) {
	runs, err := readRuns(filepath.Join(dir, "golden.csv"))
	if err != nil {
		return nil, err
	}
	out, err := replayAll("dram", runs)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "extra", "golden.csv")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if runs, err = readExtraRuns(path); err != nil {
		return nil, err
	}
	extra, err := replayAll("dram_extra", runs)
	return append(out, extra...), err
}

// bench is a device with both models of it.
type bench struct {
	device   Device
	memory   *Memory
	estimate *Estimator
}

// replayAll replays runs of one source.
func replayAll(source string, runs []run) ([]Comparison, error) {
	benches := map[string]*bench{}
	quantities := []string{"cycles", "read_latency", "activates", "energy", "cycles_closed_form", "activates_closed_form"}
	pairs := make([][]pair, len(quantities))
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
		for q, p := range []pair{
			{r.id, float64(event.Clocks), r.clocks, 0},
			{r.id, event.MeanReadLatency(), r.latency, r.latencyDigit},
			{r.id, float64(event.Activates), r.activates, 0},
			{r.id, float64(event.Energy(b.device.Energy()).Total()), r.energy, r.energy * energyDigits},
			{r.id, float64(form.Clocks), r.clocks, 0},
			{r.id, float64(form.Activates), r.activates, 0},
		} {
			pairs[q] = append(pairs[q], p)
		}
	}
	out := make([]Comparison, len(quantities))
	for q := range out {
		out[q] = compare(source, quantities[q], pairs[q])
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
