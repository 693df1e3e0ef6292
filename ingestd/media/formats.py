"""Which demultiplexers may touch a clip. PURE; imports nothing (the analysing child is lean)."""

from __future__ import annotations

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,mpegts,mpeg,mpegvideo,flv,asf,mxf,dv,dhav,h264,hevc,m4v,mjpeg,"
    "wav,w64,mp3,aac,amr,amrnb,amrwb,ogg,flac,aiff,caf,ivf,jpeg_pipe,png_pipe,bmp_pipe,webp_pipe"
)
"""Demultiplexers that read one file of bytes; none that opens another (hls, concat, image2, dash)."""
