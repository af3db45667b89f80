package sync

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestMutex: a bubble's clock goes on while a goroutine waits for a mutex, which it would
// not do with the standard one.
func TestMutex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu RWMutex
		mu.Lock()
		order := []string{}
		go func() {
			mu.RLock()
			order = append(order, "reader")
			mu.RUnlock()
		}()
		synctest.Wait()
		time.Sleep(time.Hour)
		if mu.TryLock() {
			t.Error("locked twice")
		}
		order = append(order, "writer")
		mu.Unlock()
		synctest.Wait()
		if len(order) != 2 || order[0] != "writer" {
			t.Error(order)
		}
	})
	defer func() {
		if recover() == nil {
			t.Error("an unlocked mutex was unlocked")
		}
	}()
	new(Mutex).Unlock()
}

func TestCond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu Mutex
		c, woken := NewCond(&mu), 0
		for range 3 {
			go func() {
				mu.Lock()
				defer mu.Unlock()
				c.Wait()
				woken++
			}()
		}
		for _, step := range []struct {
			wake func()
			want int
		}{{c.Signal, 1}, {c.Broadcast, 3}, {c.Signal, 3}} {
			synctest.Wait()
			step.wake()
			synctest.Wait()
			mu.Lock()
			if woken != step.want {
				t.Errorf("%d are awake, want %d", woken, step.want)
			}
			mu.Unlock()
		}
	})
}

func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var once Once
		calls := 0
		for range 2 {
			go once.Do(func() { time.Sleep(time.Second); calls++ })
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
	})
}
