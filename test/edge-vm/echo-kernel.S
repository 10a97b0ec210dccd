# A kernel in the shape of Linux's for BIOS (Documentation/x86/boot.rst): says its command line and the first line of its
# initrd on the serial line, and resets the machine.
        .code32
        .ascii  "MZ"
        .org    0x3c
        .long   0x40
        .ascii  "PE\0\0"                # as Linux's are, so that firmware could start them: a header that says for what processor
        .word   0x8664
        .org    0x1f1
        .byte   1                       # one sector of setup follows the first
        .org    0x1fe
        .word   0xaa55
        .byte   0xeb, 0x66              # the header ends here
        .ascii  "HdrS"
        .word   0x0204
        .org    0x211
        .byte   1                       # loaded high
        .org    0x214
        .long   0x100000
        .org    0x22c
        .long   0x37ffffff              # where an initrd may lie at most
        .org    0x400
        mov     $0x90000, %esp
        mov     %esi, %ebx
        mov     0x228(%ebx), %esi       # the command line
        call    say
        mov     0x218(%ebx), %esi       # the initrd
        call    say
        mov     $0xcf9, %dx
        mov     $6, %al
        out     %al, %dx
stop:   hlt
        jmp     stop
say:    lodsb
        test    %al, %al
        jz      end
        cmp     $'\n', %al
        je      end
        call    put
        jmp     say
end:    mov     $'\n', %al
put:    mov     %al, %ah
        mov     $0x3fd, %dx
wait:   in      %dx, %al
        test    $0x20, %al
        jz      wait
        mov     %ah, %al
        mov     $0x3f8, %dx
        out     %al, %dx
        ret
        .org    0x600
