/* SPDX-License-Identifier: MIT */
/*
 * One stream in a poller, its peer, and a program that acts only on events. The program puts two
 * pieces for each piece of the peer. It takes no further piece while one of its own has no room.
 * Spin explores every order of events (suite `model`).
 *
 * Two promises of poller.h:
 *   reported  The poller reports a stream whose peer is gone, whatever is full. So its program
 *             leaves it.
 *   whole     A stream that closes in order has sent all that its program put, or tried to put.
 *
 * Each of these macros puts a former fault back, and the model must find it:
 *   FAILED_WRITE_IS_NOT_REPORTED  a failed write only frees the write buffer
 *   ONE_END_IS_REPORTED           a failure after an orderly end is not reported
 *   REFUSED_PUT_IS_FORGOTTEN      a stream closes as soon as its write buffer is empty
 *
 * The write buffer and the OS's buffers hold one piece each, the read buffer two. The model has no
 * selector: a wait sees the current state.
 */
#define PIECES 3  /* the most that the peer sends */
#define FULL 2    /* pieces in a full read buffer */
#define ANSWERS 2 /* pieces that the program puts for one of the peer's */

mtype = { OPEN, FINISHED, RESET };      /* the state of the peer */
mtype = { NO_END, ORDERLY, BROKEN };    /* the known end of the stream */

mtype peer = OPEN;
bool peer_is_gone;                      /* it sends and reads no more */
byte os_in, os_out;                     /* pieces that the OS holds */

byte in, out;                           /* the read buffer, the write buffer */
byte kept;                              /* pieces that the program still has to put */
mtype read_end = NO_END;
bool write_failed, is_refused, may_retry;
mtype reported_end = NO_END;
bool is_closed;

bool readable, writable, finished, closed; /* the event */
bool has_left;                          /* the program is done with the stream */

active proctype Peer() {
    byte left = PIECES;
    do
    :: peer == OPEN && left > 0 && os_in == 0 -> atomic { os_in++; left-- }
    :: os_out > 0 -> os_out--           /* it may read, or never */
    :: peer == OPEN -> peer = FINISHED
    :: peer != RESET -> atomic { peer = RESET; os_out = 0; peer_is_gone = true; break }
    :: peer == FINISHED && os_out == 0 && is_closed -> peer_is_gone = true; break
    od
}

inline fail_write() {
    out = 0; write_failed = true; is_refused = false; may_retry = false
}

inline send() {
    if
    :: out > 0 && peer == RESET -> fail_write()
    :: out > 0 && peer != RESET && os_out == 0 -> out--; os_out++
    :: else
    fi
}

#define MAY_READ (read_end == NO_END && in < FULL)

/* The stream reads earlier bytes before an end. */
inline receive() {
    if
    :: MAY_READ && os_in > 0 -> os_in--; in++; readable = true
    :: else
    fi;
    if
    :: MAY_READ && os_in == 0 && (peer == RESET || write_failed) -> read_end = BROKEN
    :: MAY_READ && os_in == 0 && peer == FINISHED && !write_failed -> read_end = ORDERLY
    :: else
    fi
}

/* With a full read buffer no read can meet the failure (EPOLLERR). */
inline meet_failure() {
    if
    :: in == FULL && peer == RESET && read_end == NO_END && !write_failed -> fail_write()
    :: else
    fi
}

#ifdef REFUSED_PUT_IS_FORGOTTEN
#define STILL_SENDS (out > 0)
#else
#define STILL_SENDS (out > 0 || is_refused || may_retry)
#endif

inline settle_end() {
    if
    :: read_end != NO_END && in == 0 &&
       (read_end == BROKEN || write_failed || !STILL_SENDS) ->
        if
        :: read_end == ORDERLY && !write_failed -> assert(out == 0 && kept == 0)
        :: else
        fi;
        is_closed = true; closed = true
    :: else
    fi
}

inline report() {
    if
    :: !is_closed && is_refused && out == 0 ->
        is_refused = false; may_retry = true; writable = true
    :: else
    fi;
#ifdef FAILED_WRITE_IS_NOT_REPORTED
#define IS_BROKEN (read_end == BROKEN)
#else
#define IS_BROKEN (read_end == BROKEN || (write_failed && !MAY_READ))
#endif
    if
    :: !is_closed && IS_BROKEN && reported_end != BROKEN ->
#ifdef ONE_END_IS_REPORTED
        if
        :: reported_end == NO_END -> reported_end = BROKEN; finished = true
        :: else
        fi
#else
        reported_end = BROKEN; finished = true
#endif
    :: !is_closed && !IS_BROKEN && read_end == ORDERLY && reported_end == NO_END ->
        reported_end = ORDERLY; finished = true
    :: else
    fi
}

inline wait() {
    readable = false; writable = false; finished = false;
    may_retry = false; /* the turn is over */
    send(); receive(); meet_failure(); settle_end(); report()
}

/* Takes and puts until there is no piece, or a put is refused. */
inline act() {
    if
    :: closed || (finished && reported_end == BROKEN) -> has_left = true
    :: else ->
        do
        :: kept == 0 && in > 0 -> in--; kept = ANSWERS
        :: kept == 0 && in == 0 -> break
        :: kept > 0 && write_failed -> has_left = true; break /* the put is FAILED */
        :: kept > 0 && !write_failed && out > 0 -> is_refused = true; break
        :: kept > 0 && !write_failed && out == 0 -> kept--; out++
        od
    fi
}

/* The program and its poller are one thread. It does nothing without an event. */
active proctype Program() {
    do
    :: has_left -> break
    :: else ->
        atomic {
            wait();
            if
            :: readable || writable || finished || closed -> act()
            :: else
            fi
        }
    od
}

ltl reported { [] (peer_is_gone -> <> has_left) }
