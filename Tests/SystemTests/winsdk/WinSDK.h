// SPDX-License-Identifier: MIT
//
// A stand-in for the part of Windows' SDK that the Swift module uses, so that its types can be
// checked on any OS. With _WIN32 it declares the functions only, after <windows.h>: a C compiler
// then compares them with the real ones. Source: Microsoft's documentation of each function.
#ifndef TEST_WINSDK_H
#define TEST_WINSDK_H

#ifndef _WIN32

#include <stdint.h>

#define WINAPI
#define WINBASEAPI
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000

typedef int BOOL;
typedef uint32_t DWORD;
typedef long HRESULT;
typedef unsigned long long SIZE_T; // 64 bits
typedef void VOID;
typedef void *LPVOID, *HANDLE;
typedef DWORD *LPDWORD;
typedef const uint16_t *PCWSTR;

typedef struct _RTL_SRWLOCK {
    void *Ptr;
} SRWLOCK, *PSRWLOCK;

typedef union _LARGE_INTEGER {
    int64_t QuadPart;
} LARGE_INTEGER;

typedef struct _SECURITY_ATTRIBUTES *LPSECURITY_ATTRIBUTES;
typedef DWORD(WINAPI *LPTHREAD_START_ROUTINE)(LPVOID argument);

#endif

WINBASEAPI VOID WINAPI InitializeSRWLock(PSRWLOCK lock);
WINBASEAPI VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK lock);
WINBASEAPI VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK lock);
WINBASEAPI DWORD WINAPI TlsAlloc(void);
WINBASEAPI LPVOID WINAPI TlsGetValue(DWORD index);
WINBASEAPI BOOL WINAPI TlsSetValue(DWORD index, LPVOID value);
WINBASEAPI HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack_bytes,
                                      LPTHREAD_START_ROUTINE body, LPVOID argument, DWORD flags,
                                      LPDWORD out_id);
WINBASEAPI HANDLE WINAPI GetCurrentThread(void);
WINBASEAPI DWORD WINAPI GetCurrentThreadId(void);
WINBASEAPI HRESULT WINAPI SetThreadDescription(HANDLE thread, PCWSTR description);
WINBASEAPI BOOL WINAPI CloseHandle(HANDLE handle);
WINBASEAPI DWORD WINAPI GetLastError(void);
WINBASEAPI VOID WINAPI Sleep(DWORD ms);
WINBASEAPI BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *out_count);
WINBASEAPI BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *out_frequency);

#endif
