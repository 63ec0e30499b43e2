// SPDX-License-Identifier: MIT
//
// What the programs of all implementations share: which row they run, and how it is measured.
#ifndef BENCH_HPP
#define BENCH_HPP

#include <vector>

#include "work.hpp"

enum class Transport { tcp, uds };

struct Work {
    Transport transport;
    size_t items; // to measure; what comes before, until all is warm, is not counted
    size_t peers; // connections
};

using Run = void (*)(const Work &);

/** Values in and out of memory; without a connection. */
struct VariantRows {
    Run encode_dictionary, decode_dictionary, encode_packed, decode_packed;
};

/** Each does one row's work. nullptr where the implementation has no such row. */
struct Rows {
    Run get_u32, put_u32, ping_pong, bulk_in, bulk_out;
    Run frames;                                   // of many peers
    Run count_get, count_put, count_try_get;      // for callgrind
    const char *why_no_frames = "it has no loop"; // when they are nullptr
    // Values in and out of bytes at hand. nullptr: get_u32 and put_u32 do so already.
    Run span_u32 = nullptr, block_u32 = nullptr;
    VariantRows variants = {}; // all or none
};

/** The whole main(): PROGRAM ROW TRANSPORT ITEMS PEERS. Status 69: there is no such row. */
int run_row(int p_argc, char **p_argv, const Rows &p_rows);

/** Ends the program when something failed that never should. */
void check(bool p_good, const char *p_what);

/** What each item costs this program's processor, waiting not included; and in time. */
class Meter {
  public:
    explicit Meter(const Work &p_work) : items_(p_work.items) {}

    /** Counts items that are done; false, and the figures are printed, when there are enough. */
    bool add(size_t p_items);

  private:
    size_t items_;
    size_t seen_ = 0;
    size_t begin_ = 0; // how many were seen when all was warm
    uint64_t processor_ = 0, time_ = 0;
};

/** How long each item takes from begin to end. */
class Samples {
  public:
    explicit Samples(const Work &p_work);
    ~Samples(); // prints them

    void begin() { begin_ = now(); }

    /** false when there are enough. */
    bool end();

  private:
    static uint64_t now();

    size_t to_warm_;
    size_t wanted_;
    uint64_t begin_ = 0;
    std::vector<uint64_t> taken_;
};

/** Has the partner send a message to some of the peers; when it returns, all have arrived. */
void activate_peers();

constexpr size_t IDLE_FRAMES = 100; // for each that finds something

/** Frames that find nothing, by the meter. The callable is one frame. */
template <class Frame> void measure_idle(const Work &p_work, Frame &p_frame) {
    Meter meter({p_work.transport, p_work.items * IDLE_FRAMES, p_work.peers});
    do {
        for (size_t i = 0; i < IDLE_FRAMES; i++) {
            p_frame();
        }
    } while (meter.add(IDLE_FRAMES));
}

/** Frames that find some peers active, by samples. A frame tells how many bytes it has read. */
template <class Frame> void measure_active(const Work &p_work, Frame &p_frame) {
    Samples samples(p_work);
    do {
        activate_peers();
        samples.begin();
        for (size_t bytes = 0; bytes < ACTIVE_PEERS * MESSAGE_BYTES;) {
            bytes += p_frame();
        }
    } while (samples.end());
}

/** What each peer has of the heap; all are idle, and each was active now and then. */
void print_memory(const Work &p_work);

/** The whole of a loop with many peers, of which p_frame is one frame. */
template <class Frame> void measure_frames(const Work &p_work, Frame p_frame) {
    measure_idle(p_work, p_frame);
    measure_active(p_work, p_frame);
    print_memory(p_work);
}

/* ---- Values, for those who get and put bytes: how a program does it that is written by hand. The same
   machine code for all, since what a compiler makes of such a loop differs by more than they do. */

/** The compiler must really have made the value. */
template <class T> inline void keep(const T &p_value) {
    asm volatile("" : : "r"(p_value));
}

/** The compiler must really have written what is there, and does not know what is there now. */
inline void keep_memory(void *p_memory) {
    asm volatile("" : : "r"(p_memory) : "memory");
}

/** Makes a value again and again, by the meter. */
template <class Make> void measure_values(const Work &p_work, Make p_make) {
    constexpr size_t AT_ONCE = 100; // between two looks at the meter
    Meter meter(p_work);
    do {
        for (size_t i = 0; i < AT_ONCE; i++) {
            p_make();
        }
    } while (meter.add(AT_ONCE));
}

/** Takes as many whole values as there are; tells how many. */
size_t take_values(const uint8_t *p_bytes, size_t p_count);

/** A piece that values are read out of, and the part of a value that is left over. */
class Arrivals {
  public:
    uint8_t *room() { return bytes_ + kept_; }
    size_t room_bytes() const { return sizeof bytes_ - kept_; }

    /** Takes each value out of what was kept and what has arrived in the room; tells how many. */
    size_t take(size_t p_arrived);

  private:
    uint8_t bytes_[PIECE_BYTES];
    size_t kept_ = 0;
};

/** Puts values one by one, until the piece is full. */
void fill_piece(uint8_t (&r_piece)[PIECE_BYTES]);

/* ---- Instructions: callgrind counts what happens inside functions called count_... */

// One function that keeps its name: never inlined, never copied for a caller whose arguments are known.
#ifdef __clang__
#define COUNTED extern "C" __attribute__((noinline))
#else
#define COUNTED extern "C" __attribute__((noipa))
#endif

/** A socket pair whose other end this program has itself, so that each count is exactly repeated. */
struct OwnPair {
    OwnPair();
    void feed_piece();
    void drain_piece();
    int fds[2];
};

#endif
