package reports

import (
	"fmt"
	"strings"
	"testing"
)

func sampleNetwork() NetworkReport {
	return NetworkReport{
		Heading: []string{"small: a stem, a gate and a classifier"},
		Layers: []NetworkLayer{
			{"stem", "conv", "3x32x32", "16x16x16", "3x3 stride 2x2", 110592, 464, 432, 4096, false},
			{"block1.project", "conv", "16x16x16", "24x16x16", "1x1", 98304, 432, 384, 6144, true},
			{"concat", "concat", "24x16x16", "40x16x16", "", 0, 0, 0, 0, false},
			{"classifier", "dense", "40x1x1", "10x1x1", "", 400, 410, 400, 0, false},
		},
		Notes: []string{"at 1 bit, in kB of 8000 bits: weights and biases 0.2"},
	}
}

func TestNetwork(t *testing.T) {
	for _, width := range []int{60, 120} {
		var out strings.Builder
		if err := WriteNetwork(&out, sampleNetwork(), Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("network-%d.txt", width), out.String())
	}
}

func TestNetworks(t *testing.T) {
	entries := []NetworkEntry{
		{"mobilenetv2-micro", "1x28x28", 36218, 2735872, true, "small MobileNetV2 for 28x28 grey images"},
		{"yolov3-416", "3x416x416", 61949149, 32932037632, false, "YOLOv3 (Redmon and Farhadi 2018), with three maps of predictions behind Darknet-53"},
	}
	for _, width := range []int{60, 100} {
		var out strings.Builder
		if err := WriteNetworks(&out, entries, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("networks-%d.txt", width), out.String())
	}
}
