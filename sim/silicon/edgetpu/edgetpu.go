// Package edgetpu compares the simulator with published latencies of networks on Google's Coral Edge
// TPU: Google's own table for the accelerator on USB 3 and for the Dev Board, two benchmarks in Python,
// the Edge TPU of a phone, and the same networks at full and at half clock.
package edgetpu

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"dse/accel"
	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

const source = "edge_tpu"

// The systems around an Edge TPU.
const (
	usb   = "usb"
	board = "board"
	phone = "phone"
)

// systems are how each is priced.
var systems = map[string]struct {
	preset string
	alter  func(*accel.Accelerator)
}{
	usb:   {"edge-tpu-coral", nil},
	board: {"edge-tpu-dev-board", nil},
	phone: {"edge-tpu-coral", func(a *accel.Accelerator) { a.DRAM.Bandwidth = 100e9 }},
}

// quantity sorts the rows of edge_tpu.csv: by what was timed, and on which chip that is priced.
//
// ms are networks that run on the Edge TPU from image to result. In ms_with_host the host does a part
// that no preset describes: it decodes and sorts the boxes of an object detector, enlarges DeepLab's map
// and takes its maximum, or runs a Python interpreter. A phone's Edge TPU shares the phone's DRAM;
// ms_phone prices the preset of USB 3 with a link that never binds.
func quantity(model, device, notes string) (quantity, on string, ok bool) {
	on = usb
	switch {
	case strings.Contains(device, "Pixel"):
		return "ms_phone", phone, true
	case strings.Contains(device, "Dev Board"):
		on = board
	case !strings.Contains(device, "USB") || strings.Contains(device, "USB 2"):
		return "", "", false
	}
	host := strings.Contains(notes, "Python")
	for _, part := range []string{"ssd", "deeplab"} {
		host = host || strings.Contains(strings.ToLower(model), part)
	}
	if host {
		return "ms_with_host", on, true
	}
	return "ms", on, true
}

// Validate compares with edge_tpu.csv, in the quantities that the function quantity tells apart, and
// with edge_tpu_two_clocks.csv: half_clock_ms is the latency at half the clock, predicted from that
// measured at the full clock and the time that the simulator says depends on the clock; full_clock_ms is
// the simulator's own latency. Tables that data lacks are left out.
func Validate(data fs.FS) ([]agreement.Row, error) {
	rows, err := validateLatencies(data)
	if err != nil {
		return nil, err
	}
	clocks, err := validateClocks(data)
	return append(rows, clocks...), err
}

func validateLatencies(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "edge_tpu.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	chips := map[string]*inference.Chip{}
	for on, s := range systems {
		if chips[on], err = inference.OnPreset(s.preset, s.alter); err != nil {
			return nil, err
		}
	}
	quantities := []string{"ms", "ms_with_host", "ms_phone"}
	var comparisons []*agreement.Comparison
	for _, q := range quantities {
		comparisons = append(comparisons, agreement.New(source, q))
	}
	err = table.Records(func(r agreement.Record) error {
		model, device := r.Text("model"), r.Text("device")
		name := model + ", " + device
		what, on, ok := quantity(model, device, r.Text("notes"))
		if !ok {
			comparisons[0].Skip(name, "the rate of the device's link is not known")
			return nil
		}
		c := comparisons[slices.Index(quantities, what)]
		measured := r.Float("latency_ms")
		if measured <= 0 {
			c.Skip(name, "no latency is given")
			return nil
		}
		i, err := find(chips[on], model, r.Text("input_hw"))
		if err != nil {
			c.Skip(name, err.Error())
			return nil
		}
		c.AddMeasured(name, i.EightBits().Latency.Milliseconds(), measured, inference.NullNames(), i.NullLatencies(i.Eight()))
		return nil
	})
	var rows []agreement.Row
	for _, c := range comparisons {
		rows = append(rows, c.Row())
	}
	return rows, err
}

// find returns the inference of a row's model. The error is the reason why there is none.
func find(chip *inference.Chip, model, input string) (*inference.Inference, error) {
	name, ok := names.Find(model)
	if !ok {
		return nil, errors.New("the name means no built-in network")
	}
	if side, _, square := strings.Cut(input, "x"); square {
		name += "-" + side
	}
	return chip.Network(name)
}
