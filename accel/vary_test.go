package accel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWith(t *testing.T) {
	a, err := Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	b, err := With(a, map[string]string{
		"memories[0].capacity": "128 KiB", "dram.efficiency": "", "precision.modes[1].energy": "0.05 pJ", "array.dataflow": "unrolled", "description": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := *a
	want.Memories = append([]Memory(nil), a.Memories...)
	want.Memories[0].Capacity = 128 << 10
	want.DRAM.Efficiency = 1
	want.Precision.Modes = append([]Mode(nil), a.Precision.Modes...)
	want.Precision.Modes[1].Energy = 0.05
	want.Array.Dataflow = Unrolled
	want.Description = ""
	want.Memories[0].Area = b.Memories[0].Area // follows from the capacity
	if b.Memories[0].Area >= a.Memories[0].Area {
		t.Errorf("half the capacity takes %v, the whole %v", b.Memories[0].Area, a.Memories[0].Area)
	}
	want.Sources, b.Sources = nil, nil
	want.Derived, b.Derived = nil, nil
	if diff := cmp.Diff(&want, b); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	same, err := With(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, same); diff != "" {
		t.Errorf("no change changes (-want +got)\n%s", diff)
	}
}

func TestWithReportsMistakes(t *testing.T) {
	a, err := Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ key, value, want string }{
		{"memories[0].capacty", "1 KiB", `no key "memories[0].capacty": did you mean memories[0].capacity?`},
		{"memories[7].capacity", "1 KiB", "did you mean memories[0].capacity?"},
		{"nothing", "1", "`dse accel show`"},
		{"memories[0].banks", "12", "must be a power of two, got 12"},
		{"memories[0].capacity", "many", "memories[0].capacity"},
		{"clock", "", "missing key `clock`"},
		{"array.positions.width", "2", "is for unrolled arrays"},
	} {
		if _, err := With(a, map[string]string{c.key: c.value}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: error %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

func TestCalibrated(t *testing.T) {
	a := &Accelerator{Name: "x", Sources: map[string]string{"dram.efficiency": "calibrated on x.csv (3 rows)", "clock": "not calibrated on anything", "array.rows": "assumed"}}
	if got := Calibrated(a); !cmp.Equal(got, []string{"dram.efficiency"}) {
		t.Errorf("got %v", got)
	}
}
