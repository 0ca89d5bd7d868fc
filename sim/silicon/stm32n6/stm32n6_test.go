package stm32n6

import (
	"strings"
	"testing"
	"testing/fstest"

	"dse/sim/silicon/inference"
)

const header = "model,dataset_head,input_px,weight_bits,percent_of_weights_at_4bit,internal_ram_kib,external_ram_kib,weights_flash_kib,latency_ms,top1_percent,stedgeai_core_version,device,source\n"

func TestPairsOfRows(t *testing.T) {
	data := fstest.MapFS{"stm32n6.csv": &fstest.MapFile{Data: []byte(header +
		"MobileNetV1 0.5,food101,224,8,0,,,,6,,3.0.0,,\n" +
		"MobileNetV1 0.5,food101,224,4/8,50,,,,5.5,,3.0.0,,\n" +
		"MobileNetV1 0.5,food101,224,4/8,50,,,,5.5,,2.0.0,,\n" + // no row of that version at 8 bits
		"MobileNetV1 0.25,food101,224,8,0,,,,6,,3.0.0,,\n" +
		"MobileNetV1 0.25,food101,224,2/8,50,,,,5.5,,3.0.0,,\n" +
		"Frobnicator,food101,224,8,0,,,,6,,3.0.0,,\n" +
		"Frobnicator,food101,224,4/8,50,,,,5,,3.0.0,,\n")}}
	rows, err := Validate(data)
	if err != nil {
		t.Fatal(err)
	}
	r := rows[0]
	if r.Quantity != "latency_ratio" || r.Rows != 1 || len(r.Skipped) != 3 || len(r.Nulls) != 3 {
		t.Fatalf("%+v", r)
	}
	for i, want := range []string{"no pair", `not of "2/8"`, "no built-in network"} {
		if !strings.Contains(r.Skipped[i], want) {
			t.Errorf("skipped %q, want %q", r.Skipped[i], want)
		}
	}
}

// With half of the weights at 4 bits a quarter of their bytes is not read from the flash of 0.4 GB/s:
// of MobileNet's 4.19 million weights 2.6 ms. Some of it hides behind layers that compute for longer.
func TestSavedTimeIsThatOfTheFlash(t *testing.T) {
	chip, err := inference.OnPreset("stm32n6", nil)
	if err != nil {
		t.Fatal(err)
	}
	i, err := chip.Network("mobilenetv1-1.0-224")
	if err != nil {
		t.Fatal(err)
	}
	eight, err := i.Latency(i.Mixed(8, 1))
	if err != nil {
		t.Fatal(err)
	}
	half, err := i.Latency(i.Mixed(4, 0.5))
	if err != nil {
		t.Fatal(err)
	}
	weights := 0
	for _, w := range i.Network.Weights {
		weights += w.Elements()
	}
	bytes := float64(weights) / 4
	if saved := eight - half; saved < 0.8*bytes/0.4e6 || saved > bytes/0.4e6 {
		t.Errorf("%v ms are saved by %v bytes less", saved, bytes)
	}
}
