package edgetpu

import (
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"dse/sim/agreement"
)

const (
	latencies = "model,input_hw,device,latency_ms,mult_adds_M,params_M,notes,source\n"
	twoClocks = "model,mode,latency_accelerator_ms,latency_system_ms\n"
)

// validate compares with tables of the given lines, by quantity.
func validate(t *testing.T, files map[string]string) map[string]agreement.Row {
	t.Helper()
	data := fstest.MapFS{}
	for name, text := range files {
		data[name] = &fstest.MapFile{Data: []byte(text)}
	}
	rows, err := Validate(data)
	if err != nil {
		t.Fatal(err)
	}
	byQuantity := map[string]agreement.Row{}
	for _, r := range rows {
		byQuantity[r.Quantity] = r
	}
	return byQuantity
}

// Rows go to the quantity of what was timed; unknown names and links are left out with a reason.
func TestQuantities(t *testing.T) {
	got := validate(t, map[string]string{"edge_tpu.csv": latencies +
		"MobileNet v1,224x224,Coral USB Accelerator (USB 3.0) + desktop CPU,2.4,,,,\n" +
		"MobileNetV2,224x224,Coral Dev Board (Edge TPU on board),2.6,,,,\n" +
		"MobileNetV2,224x224,Coral USB Accelerator (USB 3),5,,,Python,\n" +
		"MobileNetV2,224x224,Coral USB Accelerator (USB 2),9,,,,\n" +
		"EfficientNet-lite0,,Pixel 4 on-SoC Edge TPU,5,,,,\n" +
		"Frobnicator,224x224,Coral Dev Board (Edge TPU on board),1,,,,\n" +
		"ResNet-50 V1,299x299,Coral Dev Board (Edge TPU on board),,,,,\n"})
	for quantity, want := range map[string]struct{ rows, skipped int }{"ms": {2, 3}, "ms_with_host": {1, 0}, "ms_phone": {1, 0}} {
		if r := got[quantity]; r.Rows != want.rows || len(r.Skipped) != want.skipped || len(r.Nulls) != 3 {
			t.Errorf("%s: %d rows, skipped %q, %d nulls; want %+v", quantity, r.Rows, r.Skipped, len(r.Nulls), want)
		}
	}
	for i, want := range []string{"link is not known", "no built-in network", "no latency"} {
		if s := got["ms"].Skipped[i]; !strings.Contains(s, want) {
			t.Errorf("skipped %q, want %q", s, want)
		}
	}
}

// At half the clock exactly the time that depends on the clock is added to what was measured: with a
// network whose weights stay on chip, all but the host's 0.65 ms and that part of the image's transfer,
// 150528 B at 0.44 GB/s or 0.342 ms, which the first layer cannot hide.
func TestHalfClock(t *testing.T) {
	c, err := newClocks()
	if err != nil {
		t.Fatal(err)
	}
	ours, nulls, err := c.slower("EfficientNet-S", 10)
	if err != nil {
		t.Fatal(err)
	}
	i, err := find(c.full, "EfficientNet-S", "")
	if err != nil {
		t.Fatal(err)
	}
	full := i.EightBits().Latency.Milliseconds()
	fixed := 10 + full - ours // what does not double
	if i.EightBits().Pinned != 1 || fixed < 0.65 || fixed > 0.65+150528/0.44e6 {
		t.Errorf("%v ms do not depend on the clock, want from 0.65 to 0.992; pinned %v", fixed, i.EightBits().Pinned)
	}
	if peak := float64(i.Network.MACs()) / 4096 / 480e3; math.Abs(nulls[0]-10-peak) > 1e-9 {
		t.Errorf("MACs / peak adds %v ms, want %v", nulls[0]-10, peak)
	}
}

func TestClocksPairRows(t *testing.T) {
	got := validate(t, map[string]string{"edge_tpu_two_clocks.csv": twoClocks +
		"EfficientNet-S,full clock (4 TOPS),5,\nEfficientNet-S,half clock (2 TOPS),9,\n" +
		"EfficientNet-M,half clock (2 TOPS),14,\nFrobnicator,full clock (4 TOPS),1,\n"})
	if r := got["half_clock_ms"]; r.Rows != 1 || len(r.Skipped) != 2 {
		t.Errorf("half clock: %d rows, skipped %q", r.Rows, r.Skipped)
	}
	if r := got["full_clock_ms"]; r.Rows != 1 {
		t.Errorf("full clock: %d rows", r.Rows)
	}
}

func TestMissingTables(t *testing.T) {
	if rows, err := Validate(fstest.MapFS{}); err != nil || len(rows) != 0 {
		t.Errorf("%v, %v", rows, err)
	}
	var data fs.FS = fstest.MapFS{"edge_tpu.csv": &fstest.MapFile{Data: []byte("model\nx\n")}}
	if _, err := Validate(data); err == nil || !strings.Contains(err.Error(), "edge_tpu.csv:2") {
		t.Errorf("a table without columns gives %v", err)
	}
}
