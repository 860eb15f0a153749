"""The sentence of each fault: what is wrong and what to do, for the field that it stands at. Shared with the phone."""

from sync.records.fields import Words

SENTENCES = {
    "type": Words("Giá trị không đúng kiểu. Hãy nhập lại.", "The value is of the wrong kind. Enter it again."),
    "too_long": Words("Dài quá {most} ký tự. Hãy viết ngắn lại.", "Longer than {most} characters. Make it shorter."),
    "characters": Words(
        "Có ký tự không dùng được. Hãy gõ lại.", "It has characters that can't be used. Type it again."
    ),
    "not_nfc": Words("Dấu được gõ theo kiểu rời. Hãy gõ lại.", "The marks are typed apart. Type it again."),
    "format": Words("Không đúng dạng. Hãy xem lại.", "Not of the right form. Check it."),
    "whole": Words("Hãy nhập số nguyên.", "Enter a whole number."),
    "too_small": Words("Nhỏ nhất là {least}.", "It is at least {least}."),
    "too_great": Words("Lớn nhất là {most}.", "It is at most {most}."),
    "date": Words("Ngày không có trong lịch. Hãy chọn lại.", "There is no such day. Choose it again."),
    "instant": Words("Thời điểm không đúng. Hãy chọn lại.", "There is no such moment. Choose it again."),
    "code": Words("Mã không đúng dạng. Hãy chọn trong danh sách.", "Not a code. Choose from the list."),
    "id": Words("Liên kết không đúng. Hãy chọn lại.", "The link is no good. Choose again."),
    "geometry_type": Words("Hình phải là: {types}.", "The shape must be one of: {types}."),
    "coordinates": Words("Toạ độ nằm ngoài bản đồ. Hãy vẽ lại.", "A coordinate is off the map. Draw it again."),
    "ring_open": Words("Ranh giới chưa khép kín. Hãy khép lại.", "The boundary is not closed. Close it."),
    "ring_short": Words("Ranh giới cần ít nhất ba góc.", "A boundary needs at least three corners."),
    "too_many": Words("Nhiều quá {most}. Hãy bớt đi.", "More than {most}. Make it fewer."),
    "too_deep": Words("Dữ liệu lồng nhau quá sâu.", "Nested too deep."),
    "too_big": Words("Quá lớn để lưu.", "Too large to keep."),
    "number": Words("Số quá lớn.", "The number is too large."),
    "missing": Words("Mục này còn trống.", "This is still empty."),
    "not_greater": Words("{one} đang nhiều hơn {other}. Hãy đếm lại.", "{one} is more than {other}. Count again."),
    "not_future": Words("Thời gian này chưa tới. Hãy xem lại.", "This time has not come yet. Check it."),
    "area_agrees": Words(
        "Diện tích khai báo lệch {percent} % so với diện tích đo. Hãy hỏi lại phần đất nào.",
        "The declared area is {percent} % off the measured one. Ask again which land it means.",
    ),
    "not_doubtful": Words(
        "Vị trí trông như do máy tạo ra. Hãy xem vết đi, hoặc đo lại.",
        "The positions look made up. Look at the track, or walk it again.",
    ),
    "not_crossing": Words(
        "Ranh giới tự cắt chính nó. Hãy dời góc, hoặc đi lại.",
        "The boundary crosses itself. Move a corner, or walk it again.",
    ),
    "not_asked": Words(
        "Đã điền, nhưng với “{other}” như vậy thì không hỏi tới. Hãy xoá, hoặc sửa “{other}”.",
        "Filled in, though with this “{other}” it is not asked for. Clear it, or correct “{other}”.",
    ),
    "not_free": Words(
        "Nương còn cách ly vì {product}: từ {free} mới được thu hái.",
        "The plot is within the pre-harvest interval of {product}: free from {free}.",
    ),
    "twice": Words(
        "Hôm đó trên nương này đã ghi đúng số này rồi. Nếu là một lần thu, hãy xoá bớt một mục.",
        "Just this was recorded on this plot for that day already. If it was one picking, delete one of them.",
    ),
}
