// Package edgetpu compares the simulator with published latencies of networks on Google's Coral Edge
// TPU: Google's own table for the accelerator on USB 3 and for the Dev Board, two benchmarks in Python,
// the Edge TPU of a phone, and the same networks at full and at half clock.
package edgetpu

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dse/accel"
	"dse/models"
	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

const source = "edge_tpu"

// names gives the networks that the tables call by these words; an input size is appended.
var names = inference.Names{
	{Words: "unet mobilenet v2", Network: "unet-mobilenetv2"},
	{Words: "deeplab v3", Network: "deeplabv3"},
	{Words: "deeplab", Network: "deeplabv3"},
	{Words: "ssdlite mobiledet", Network: "ssdlite-mobiledet"},
	{Words: "ssd mobilenet v1 0.75", Network: "ssd-mobilenetv1-0.75"},
	{Words: "ssd mobilenet v1", Network: "ssd-mobilenetv1-1.0"},
	{Words: "ssd mobilenet v2", Network: "ssd-mobilenetv2-1.0"},
	{Words: "densenet", Network: "densenet121"},
	{Words: "inception resnet v2", Network: "inception-resnet-v2"},
	{Words: "inception v1", Network: "googlenet"},
	{Words: "googlenet", Network: "googlenet"},
	{Words: "inception v2", Network: "inception-v2"},
	{Words: "inception v3", Network: "inception-v3"},
	{Words: "inception v4", Network: "inception-v4"},
	{Words: "resnet 50 v1", Network: "resnet50"},
	{Words: "resnet 50 v2", Network: "resnet50v2"},
	{Words: "resnet 50v15", Network: "resnet50v1.5"},
	{Words: "resnet 50 v1.5", Network: "resnet50v1.5"},
	{Words: "resnet 50", Network: "resnet50"},
	{Words: "resnet 101 v1", Network: "resnet101"},
	{Words: "resnet 152 v1", Network: "resnet152"},
	{Words: "resnet 152 v2", Network: "resnet152v2"},
	{Words: "vgg 16", Network: "vgg16"},
	{Words: "vgg 19", Network: "vgg19"},
	{Words: "alexnet", Network: "alexnet"},
	{Words: "squeezenet 1.1", Network: "squeezenet1.1"},
	{Words: "squeezenet", Network: "squeezenet"},
	{Words: "mnasnet 1.0", Network: "mnasnet-1.0"},
	{Words: "mnasnet", Network: "mnasnet-1.0"},
	{Words: "efficientnet lite 0", Network: "efficientnet-lite0"},
	{Words: "efficientnet lite 1", Network: "efficientnet-lite1"},
	{Words: "efficientnet lite 2", Network: "efficientnet-lite2"},
	{Words: "efficientnet lite 3", Network: "efficientnet-lite3"},
	{Words: "efficientnet lite 4", Network: "efficientnet-lite4"},
	{Words: "efficientnet lite", Network: "efficientnet-lite0"},
	{Words: "efficientnet s", Network: "efficientnet-edgetpu-s"},
	{Words: "efficientnet m", Network: "efficientnet-edgetpu-m"},
	{Words: "efficientnet l", Network: "efficientnet-edgetpu-l"},
	{Words: "mobilenet v1 0.25", Network: "mobilenetv1-0.25"},
	{Words: "mobilenet v1 0.5", Network: "mobilenetv1-0.5"},
	{Words: "mobilenet v1 0.75", Network: "mobilenetv1-0.75"},
	{Words: "mobilenet v1", Network: "mobilenetv1-1.0"},
	{Words: "mobilenet v2 0.35", Network: "mobilenetv2-0.35"},
	{Words: "mobilenet v2 0.5", Network: "mobilenetv2-0.5"},
	{Words: "mobilenet v2 0.75", Network: "mobilenetv2-0.75"},
	{Words: "mobilenet v2 1.4", Network: "mobilenetv2-1.4"},
	{Words: "mobilenet v2", Network: "mobilenetv2-1.0"},
}

// quantity sorts the rows of edge_tpu.csv: by what was timed, and on which chip that is priced.
//
// ms are networks that run on the Edge TPU from image to result. In ms_with_host the host does a part
// that no preset describes: it decodes and sorts the boxes of an object detector, enlarges DeepLab's map
// and takes its maximum, or runs a Python interpreter. A phone's Edge TPU has another link than
// either preset; ms_phone prices it as if on USB 3.
func quantity(model, device, notes string) (quantity, preset string, ok bool) {
	preset = "edge-tpu-coral"
	switch {
	case strings.Contains(device, "Pixel"):
		return "ms_phone", preset, true
	case strings.Contains(device, "Dev Board"):
		preset = "edge-tpu-dev-board"
	case !strings.Contains(device, "USB") || strings.Contains(device, "USB 2"):
		return "", "", false
	}
	host := strings.Contains(notes, "Python")
	for _, part := range []string{"ssd", "deeplab"} {
		host = host || strings.Contains(strings.ToLower(model), part)
	}
	if host {
		return "ms_with_host", preset, true
	}
	return "ms", preset, true
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
	for _, preset := range []string{"edge-tpu-coral", "edge-tpu-dev-board"} {
		if chips[preset], err = inference.OnPreset(preset, nil); err != nil {
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
		what, preset, ok := quantity(model, device, r.Text("notes"))
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
		i, why, err := find(chips[preset], model, r.Text("input_hw"))
		if err != nil {
			return r.Errorf("%v", err)
		}
		if i == nil {
			c.Skip(name, why)
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

// find returns the inference of a row's model, or nil and the reason why there is none.
func find(chip *inference.Chip, model, input string) (*inference.Inference, string, error) {
	name, ok := names.Find(model)
	if !ok {
		return nil, "the name means no built-in network", nil
	}
	if side, _, square := strings.Cut(input, "x"); square {
		name += "-" + side
	}
	i, err := chip.Network(name)
	if unknown := (*models.UnknownError)(nil); errors.As(err, &unknown) {
		return nil, fmt.Sprintf("there is no network %s", name), nil
	}
	return i, "", err
}

func validateClocks(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "edge_tpu_two_clocks.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	full, err := inference.OnPreset("edge-tpu-coral", nil)
	if err != nil {
		return nil, err
	}
	half, err := inference.OnPreset("edge-tpu-coral", func(a *accel.Accelerator) { inference.AtClock(a.Clock / 2)(a) })
	if err != nil {
		return nil, err
	}
	halves := agreement.New(source, "half_clock_ms")
	wholes := agreement.New(source, "full_clock_ms")
	measured := map[string][]float64{} // at the full clock, by model
	record := func(r agreement.Record) error {
		model, mode, ms := r.Text("model"), r.Text("mode"), r.Float("latency_accelerator_ms")
		whole, why, err := find(full, model, "")
		if err != nil {
			return r.Errorf("%v", err)
		}
		if whole == nil {
			halves.Skip(model+", "+mode, why)
			return nil
		}
		if strings.HasPrefix(mode, "full") {
			measured[model] = append(measured[model], ms)
			wholes.AddMeasured(model, whole.EightBits().Latency.Milliseconds(), ms, inference.NullNames(), whole.NullLatencies(whole.Eight()))
		}
		return nil
	}
	if err := table.Records(record); err != nil {
		return nil, err
	}
	err = table.Records(func(r agreement.Record) error {
		model, ms := r.Text("model"), r.Float("latency_accelerator_ms")
		if !strings.HasPrefix(r.Text("mode"), "half") {
			return nil
		}
		at := measured[model]
		if at == nil {
			halves.Skip(model, "there is no row at the full clock")
			return nil
		}
		mean := 0.0
		for _, v := range at {
			mean += v / float64(len(at))
		}
		fast, _, err := find(full, model, "")
		if err != nil {
			return r.Errorf("%v", err)
		}
		slow, _, err := find(half, model, "")
		if err != nil {
			return r.Errorf("%v", err)
		}
		nulls := slow.NullLatencies(slow.Eight())
		for k, v := range fast.NullLatencies(fast.Eight()) {
			nulls[k] += mean - v
		}
		ours := mean + slow.EightBits().Latency.Milliseconds() - fast.EightBits().Latency.Milliseconds()
		halves.AddMeasured(model, ours, ms, inference.NullNames(), nulls)
		return nil
	})
	return []agreement.Row{halves.Row(), wholes.Row()}, err
}
