"""The one room for files: what people send is received, looked into, kept, watched and handed out here.

receiving   bytes on their way in: straight to the disk the files live on, hashed while they are read
inspection  asks a child process what a file really is; the web process opens none itself
inspector/  that child: a program of its own, which knows nothing of Django
forms       the field of a form, and the sentence of each refusal
signatures  what the digital signatures in a PDF say, in words; the child reads them
keeping     files as they lie: written once, named by their SHA-256; swept when nobody needs them
scanning    the antivirus, where there is one
serving     the only way out, behind a view that has checked who asks
"""
