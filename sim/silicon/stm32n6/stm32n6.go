// Package stm32n6 compares the simulator with the latencies that ST publishes for networks on the NPU of
// the STM32N6, each with weights of 8 bits and with a share of them at 4.
package stm32n6

import (
	"errors"
	"fmt"
	"io/fs"

	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

const source = "stm32n6"

// classes of the data sets on which the table's networks end. Others are priced with the classes that
// a network has by itself.
var classes = map[string]int{"food101": 101, "imagenet": 1000, "cifar10": 10, "cifar100": 100, "flowers": 5, "tf_flowers": 5}

// setting tells rows apart that differ in nothing but the widths of weights.
type setting struct{ model, head, input, core string }

// Validate compares with stm32n6.csv: latency_ratio is that of weights of 8 bits to that of partly 4,
// where the table has both. The time saved is the simulator's; it is set against the measured latency at
// 8 bits, since the simulator does not know what the toolchain leaves to the processor beside the NPU
// (swish, squeeze-and-excitation), which is most of the latency of some networks and does not depend
// on the widths of weights.
func Validate(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "stm32n6.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	chip, err := inference.OnPreset("stm32n6", nil)
	if err != nil {
		return nil, err
	}
	settingOf := func(r agreement.Record) setting {
		return setting{r.Text("model"), r.Text("dataset_head"), r.Text("input_px"), r.Text("stedgeai_core_version")}
	}
	eight := map[setting]float64{} // ms
	err = table.Records(func(r agreement.Record) error {
		if r.Text("weight_bits") == "8" {
			eight[settingOf(r)] = r.Float("latency_ms")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ratios := agreement.New(source, "latency_ratio")
	err = table.Records(func(r agreement.Record) error {
		if r.Text("weight_bits") == "8" {
			return nil
		}
		s := settingOf(r)
		name := fmt.Sprintf("%s, %s, %s px", s.model, s.head, s.input)
		wide, narrow := eight[s], r.Float("latency_ms")
		if wide == 0 || narrow == 0 {
			ratios.Skip(name, "there is no pair of latencies")
			return nil
		}
		if r.Text("weight_bits") != "4/8" {
			ratios.Skip(name, fmt.Sprintf("weights are of 8 or of 4/8 bits, not of %q", r.Text("weight_bits")))
			return nil
		}
		network, ok := names.Find(s.model)
		if !ok {
			ratios.Skip(name, "the name means no built-in network")
			return nil
		}
		network += "-" + s.input
		if n := classes[s.head]; n > 0 {
			network += fmt.Sprintf("-c%d", n)
		}
		i, err := chip.Network(network)
		if err != nil {
			ratios.Skip(name, err.Error())
			return nil
		}
		all8, part4 := i.Mixed(8, 1), i.Mixed(4, r.Float("percent_of_weights_at_4bit")/100)
		slow, err := i.Latency(all8)
		if err != nil {
			return r.Errorf("%v", err)
		}
		fast, err := i.Latency(part4)
		if err != nil {
			return r.Errorf("%v", err)
		}
		saved := slow - fast
		nulls := i.NullLatencies(all8)
		for k, v := range i.NullLatencies(part4) {
			nulls[k] /= v
		}
		ratios.AddMeasured(name, wide/(wide-saved), wide/narrow, inference.NullNames(), nulls)
		return nil
	})
	return []agreement.Row{ratios.Row()}, err
}
